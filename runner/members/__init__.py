"""What a spec can name, described without its code: descriptors, pydantic sections, registries. No numpy, no pandas."""
