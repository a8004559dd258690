"""From the `data:` section of a spec to a Panel, and a Panel to and from a folder."""
