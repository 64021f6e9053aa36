"""What records must look like, byte for byte: golden examples, versions, registries."""
