"""Devices: what is out there, and is it up to date?

Owns the inventory, the catalogue of AXIS OS images, and the campaigns that bring devices to a
version. Announces DeviceAdded, DeviceRemoved and DeviceUpgraded; hears nothing yet. Its worker is a
process of its own on the same database; `vapix` is the only code that talks to a camera.
"""
