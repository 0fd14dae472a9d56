"""Steps of a walk: folders and the devices in them."""

from __future__ import annotations

from functools import partial
from itertools import product
from uuid import UUID, uuid4

from tests.service.organizations.reference import DEPTH_MOST, DONE, NO_DEVICE, Folder, Organization
from tests.service.organizations.walk_ground import NAMES, Dice, Ground


class FolderSteps(Ground):
    def create_folder(self, dice: Dice) -> None:
        place, who = self.homes[dice.home], self.actor(dice)
        above, name = self.telling(
            dice,
            product(self.folders_about(dice), NAMES),
            lambda choice: place.create_folder(who, *choice),
        )
        wanted = place.create_folder(who, above, name)
        made = self.ask(
            place,
            "create_folder",
            who,
            wanted,
            parent_id=above,
            name=name,
            idempotency_key=str(uuid4()),
        )
        if wanted == DONE:
            place.folders[made["id"]] = Folder(made["id"], above, name)

    def rename_folder(self, dice: Dice) -> None:
        place, who = self.homes[dice.home], self.actor(dice)
        named, name = self.telling(
            dice,
            product(self.folders_about(dice), NAMES),
            lambda choice: place.rename_folder(who, *choice),
        )
        wanted = place.rename_folder(who, named, name)
        self.ask(place, "rename_folder", who, wanted, folder_id=named, name=name)
        if wanted == DONE:
            place.folders[named].name = name

    def move_folder(self, dice: Dice) -> None:
        """I7: and back again, which is as if nothing had been."""
        place, who = self.homes[dice.home], self.actor(dice)
        there = self.folders_about(dice)
        moved, above = self.telling(
            dice, product(there, there), lambda choice: place.move_folder(who, *choice)
        )
        wanted = place.move_folder(who, moved, above)
        before = self.everything_seen(place) if wanted == DONE else {}
        self.ask(place, "move_folder", who, wanted, folder_id=moved, parent_id=above)
        if wanted == DONE:
            came_from = place.folders[moved].parent
            place.folders[moved].parent = above
            self.looks_right(place)
            assert came_from is not None
            if dice.once_in(2) and place.move_folder(who, moved, came_from) == DONE:
                self.ask(place, "move_folder", who, DONE, folder_id=moved, parent_id=came_from)
                place.folders[moved].parent = came_from
                assert self.everything_seen(place) == before
                self.note(True, "moved there and back")

    def preview_deletion(self, dice: Dice) -> None:
        """FLD-7: it says what goes, and nothing does."""
        place, who = self.homes[dice.home], self.actor(dice)
        named = self.telling(
            dice, self.folders_about(dice), lambda choice: place.preview_deletion(who, choice)
        )
        wanted = place.preview_deletion(who, named)
        told = self.ask(place, "preview_deletion", who, wanted, changes="", folder_id=named)
        if wanted == DONE:
            gone = place.subtree(named)
            lost = place.grants_on(gone)
            devices = len(place.devices_in(gone))
            assert told == {
                "subfolders": len(gone) - 1,
                "grants": lost,
                "devices": devices,
                "systems": 0,
            }

    def delete_folder(self, dice: Dice) -> None:
        """I8: and a folder of the same name gives nobody what the old one gave."""
        place, who = self.homes[dice.home], self.actor(dice)
        confirmed = not dice.once_in(6)
        named = self.telling(
            dice, self.folders_about(dice), lambda choice: place.preview_deletion(who, choice)
        )
        # What has consequences more often: devices, invitations or deletions depend on it.
        invited = {each for one in place.waiting(self.now) for each in one.folders}
        held = {place.devices[each] for each in place.devices_in(place.live())}
        above = {
            place.top_of(deletion).parent for home, deletion in self.deletions if home is place
        }
        deep = {each for each in place.live() if place.depth(each) == DEPTH_MOST}
        group: set[str | None] = dice.chance.choice([{*invited}, {*held}, above, {*deep}])
        chosen = [each for each in place.folders if each in group and each != place.root]
        if chosen:
            named = dice.chance.choice(chosen)
        lost = place.grants_on(place.subtree(named)) if named in place.folders else 0
        deletion = self.deletes(place, who, named, confirmed=confirmed)
        if deletion is None:
            return
        old = place.folders[named]
        assert old.parent is not None
        if dice.once_in(3):
            self.tell()
            self.looks_right(place)
        if dice.once_in(3):
            self.undo(place, deletion, dice)
        elif dice.once_in(2) and place.create_folder(who, old.parent, old.name) == DONE:
            again = self.ask(
                place,
                "create_folder",
                who,
                DONE,
                parent_id=old.parent,
                name=old.name,
                idempotency_key=str(uuid4()),
            )
            place.folders[again["id"]] = Folder(again["id"], old.parent, old.name)
            self.looks_right(place)
            self.note(lost > 0, "the same name again")

    def deletes(
        self, place: Organization, who: str, named: str, *, confirmed: bool = True
    ) -> str | None:
        """The deletion's id, if it was carried out."""
        wanted = place.delete_folder(who, named, confirmed=confirmed)
        made = self.ask(
            place,
            "delete_folder",
            who,
            wanted,
            folder_id=named,
            confirm_risk=confirmed,
            idempotency_key=str(uuid4()),
        )
        if wanted != DONE:
            return None
        gone = place.subtree(named)
        lost, devices = place.grants_on(gone), place.devices_in(gone)
        assert (made["subfolders"], made["grants"]) == (len(gone) - 1, lost)
        assert (made["devices"], made["systems"]) == (len(devices), 0)
        deletion: str = made["deletion_id"]
        place.drop(named, deletion)
        self.deletions.append((place, deletion))
        self.note(lost > 0, "grants went with their folder")
        self.note(bool(devices), "devices went with their folder, and nobody was told")
        self.looks_right(place)
        for device in devices:
            wanted = place.move_device(who, device, place.root)
            self.move(place, who, wanted, device, place.root)
            self.note(wanted == NO_DEVICE, "a device of a deleted folder that nobody was told of")
        return deletion

    def delete_both(self, dice: Dice) -> None:
        """A folder, then the one it was in: they come back in the other order only."""
        place = self.homes[dice.home]
        deep = [each for each in place.folders if each in place.live() and place.depth(each) > 1]
        if not deep:
            return
        inner = dice.chance.choice(deep)
        outer = place.folders[inner].parent
        assert outer is not None
        owner = min(place.owners(), key=self.people.index)
        for named in (inner, outer):
            self.deletes(place, owner, named)
            if dice.once_in(2):
                self.tell()
        (_, first), (_, second) = self.deletions[-2:]
        for deletion in (first, second, first):
            self.undo(place, deletion, dice)

    def operators_restore(self, dice: Dice) -> None:
        if not self.deletions:
            return
        place, deletion = self.telling(
            dice, self.deletions, lambda choice: choice[0].restore(choice[1])
        )
        self.undo(place, deletion, dice)

    def undo(self, place: Organization, deletion: str, dice: Dice) -> None:
        """FLD-6: what went comes back, and nobody's grant does."""
        top = place.top_of(deletion)
        assert top.parent is not None
        wanted = place.restore(deletion)
        if wanted == DONE and place.is_taken(top.parent, top.name):
            # It would get another name.
            return
        service = self.world.suite.instance("organizations")
        restore = partial(service.restore_folders, UUID(deletion), why="by tests")
        self.carried_out(place, "restore_folders", wanted, restore)
        if wanted != DONE:
            return
        back = place.of_deletion(deletion)
        place.bring_back(deletion)
        self.deletions.remove((place, deletion))
        held = bool(
            {each for each, folder in place.devices.items() if folder in back & place.closed}
        )
        self.note(held, "devices were not back before it was told")
        self.note(bool(place.devices_in(back)), "devices were back before anything was told")
        self.looks_right(place)
        if dice.once_in(2):
            self.tell()
            self.looks_right(place)

    def move_device(self, dice: Dice) -> None:
        """FLD-9."""
        place, who = self.homes[dice.home], self.actor(dice)
        if not place.devices_in(place.live()):
            self.plant_device(place, place.root)
        elsewhere = self.homes[1 - dice.home].devices
        device, folder = self.telling(
            dice,
            product([*place.devices, *elsewhere], self.folders_about(dice)),
            lambda choice: place.move_device(who, *choice),
        )
        wanted = place.move_device(who, device, folder)
        self.move(place, who, wanted, device, folder)
        if wanted != DONE:
            return
        place.devices[device] = folder
        self.looks_right(place)

    def move(self, place: Organization, who: str, wanted: str, device: str, folder: str) -> None:
        self.ask(
            place,
            "move_device",
            who,
            wanted,
            changes="devices",
            device_id=device,
            folder_id=folder,
        )

    def news(self, dice: Dice) -> None:
        self.tell()
        self.looks_right(self.homes[dice.home])
