"""What crosses between sandbox and judge: frames of msgpack, tensors as raw buffers, never pickle."""
