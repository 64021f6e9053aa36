"""The buffer a site keeps while the network is away: lines from a reader to disk, from disk to capture, in order."""
