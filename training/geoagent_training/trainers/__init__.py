"""What both trainers share: arguments, devices, checkpoints."""
