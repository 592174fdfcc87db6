"""Tools for those who write katas: prove, scaffold, mutate."""
