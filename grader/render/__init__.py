"""What people see: the only place that uses rich."""
