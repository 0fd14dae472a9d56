"""Rules of organizations, free of any framework and of the clock.

access       what a member's role allows, and who is an outsider
audit        what is recorded
deletion     what deleting a folder asks for, and until when it can be undone
invitation   who may be invited as what, and what acceptance gives
lifecycle    how organizations begin, are archived and come back
limits       what an installation may choose
names        how names are written and compared
ownership    no organization loses its last owner
placement    where a folder may be
roles        who may give and take which, and who may be removed
throttle     how often something may be tried, and how often it is written down
tree         the path to a folder, as far as a member may see it
"""
