"""Devices: what is out there, and is it up to date?

Owns the inventory of devices and connected systems, the catalogue of AXIS OS images, and the
campaigns that bring devices to a version. Announces DeviceAdded, DeviceRemoved, DevicesDeleted,
DevicesRestored and DeviceUpgraded; hears of folders and organizations that go and come back. Its
worker is a process of its own on the same database; `vapix` is the only code that talks to a camera.
"""
