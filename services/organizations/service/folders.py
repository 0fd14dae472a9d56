"""Folders: the tree of an organization, as far as each member may see it."""

from __future__ import annotations

from uuid import UUID, uuid4

from chassis.idempotency import Dumped, once
from chassis.rpc import rpc
from contracts.access import Permission
from contracts.folders import (
    CreateFolder,
    FolderPage,
    FolderRequest,
    FolderView,
    ListFolders,
    MoveFolder,
    RenameFolder,
)
from contracts.organizations import FolderCreated
from contracts.paging import Page, name_in, page
from services.organizations.domain import names
from services.organizations.domain.audit import Action
from services.organizations.domain.placement import (
    depth_of_moved,
    depth_of_new,
    require_free_name,
    require_not_default,
    require_outside,
)
from services.organizations.domain.tree import SeenFolder
from services.organizations.models import Folder
from services.organizations.queries import folders
from services.organizations.service.changes import Recipes


class FolderRecipes(Recipes):
    @rpc(takes=CreateFolder, gives=FolderView)
    def create_folder(
        self, organization_id: UUID, parent_id: UUID, name: str, idempotency_key: str
    ) -> Dumped:
        """Create a folder inside another (FLD-2)."""
        with self._changing(organization_id, Permission.FOLDER_MANAGE) as change:
            session, member = change.session, change.member
            attempt = once(
                session,
                member.account_id,
                "create_folder",
                idempotency_key,
                {"organization_id": organization_id, "parent_id": parent_id, "name": name},
                gives=FolderView,
                now=self.clock.now(),
            )
            parent = self._folder(session, member, parent_id)
            name = names.normalized(name, most=self.own.folder_name_length)
            around = folders.surroundings(session, parent, names.key(name))
            folder = Folder(
                id=uuid4(),
                organization_id=organization_id,
                parent_id=parent.id,
                name=name,
                name_key=names.key(name),
                depth=depth_of_new(around, self.own),
            )
            session.add(folder)
            self._conclude(
                change,
                Action.FOLDER_CREATED,
                FolderCreated(
                    organization_id=organization_id,
                    folder_id=folder.id,
                    parent_id=parent.id,
                    folder_name=name,
                ),
                about=("folder", folder.id),
                after={"name": name, "parent_id": str(parent.id)},
            )
            return attempt.answer(folders.seen(session, member, [folder])[0])

    @rpc(takes=ListFolders, gives=FolderPage)
    def list_folders(
        self, organization_id: UUID, parent_id: UUID | None, limit: int, cursor: str | None
    ) -> Page[SeenFolder]:
        """The folders the caller may see, by name: those of one folder, or all."""
        after = name_in(cursor)
        with self._reading(organization_id, Permission.FOLDER_READ) as (session, member):
            if parent_id is not None:
                self._folder(session, member, parent_id)
            rows = folders.folders(session, member, parent_id=parent_id, after=after, limit=limit)
            found = page(rows, limit=limit, key=lambda row: (row.name_key, row.id))
            return Page(folders.seen(session, member, found.items), found.next_cursor)

    @rpc(takes=FolderRequest, gives=FolderView)
    def get_folder(self, organization_id: UUID, folder_id: UUID) -> SeenFolder:
        with self._reading(organization_id, Permission.FOLDER_READ) as (session, member):
            return folders.seen(session, member, [self._folder(session, member, folder_id)])[0]

    @rpc(takes=RenameFolder, gives=FolderView)
    def rename_folder(self, organization_id: UUID, folder_id: UUID, name: str) -> SeenFolder:
        """The default folder too (FLD-8); the name it has already changes nothing."""
        with self._changing(organization_id, Permission.FOLDER_MANAGE) as change:
            session, member = change.session, change.member
            folder = self._folder(session, member, folder_id)
            before, name = folder.name, names.normalized(name, most=self.own.folder_name_length)
            if name != before:
                is_taken = folders.is_name_taken(session, folder, names.key(name))
                require_free_name(is_taken=is_taken)
                folder.name, folder.name_key = name, names.key(name)
                self._conclude(
                    change,
                    Action.FOLDER_RENAMED,
                    about=("folder", folder.id),
                    before={"name": before},
                    after={"name": name},
                )
            return folders.seen(session, member, [folder])[0]

    @rpc(takes=MoveFolder, gives=FolderView)
    def move_folder(self, organization_id: UUID, folder_id: UUID, parent_id: UUID) -> SeenFolder:
        """With everything below it (FLD-9); to where it is already changes nothing."""
        with self._changing(organization_id, Permission.FOLDER_MANAGE) as change:
            session, member = change.session, change.member
            folder = self._folder(session, member, folder_id)
            require_not_default(is_default=folder.is_root)
            parent = self._folder(session, member, parent_id)
            if parent.id != folder.parent_id:
                require_outside(is_inside=folders.is_within(session, parent, top_id=folder.id))
                before = str(folder.parent_id)
                around = folders.surroundings(session, parent, folder.name_key, but=folder.id)
                depth = depth_of_moved(around, self.own, folders.subtree(session, folder))
                folders.move(session, folder, parent_id=parent.id, depth=depth)
                self._conclude(
                    change,
                    Action.FOLDER_MOVED,
                    about=("folder", folder.id),
                    before={"parent_id": before},
                    after={"parent_id": str(parent.id)},
                )
            return folders.seen(session, member, [folder])[0]
