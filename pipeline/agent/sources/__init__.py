"""What lines are read from: a stream, a growing file, a serial line, a keyboard."""
