"""VAPIX: the only code that talks to a camera.

One file per API of the device; `session` carries them: to an address that was checked, with a
certificate that was checked, to the camera with the serial number expected, and only then with a
password. Every wait has a limit, and so has every answer.
"""
