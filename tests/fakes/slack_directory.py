"""What Slack tells of itself: channels, people, installations; and the views that it shows."""

from tests.fakes.slack_state import READING, RefusedError, State
from tests.fakes.slack_views import shown
from tests.fakes.slack_workspace import Json, User, Workspace


class Directory(State):
    """`auth.test`, `oauth.v2.access`, `conversations.info`, `.members` and `.open`, and `users.info`."""

    def _auth_test(self, workspace: Workspace, args: Json) -> Json:
        return {
            "ok": True, "url": f"{self.url}/", "team": workspace.team, "team_id": workspace.team,
            "enterprise_id": workspace.enterprise, "user": "paperround", "user_id": workspace.bot_user, "bot_id": "B1",
        }  # fmt: skip

    def _conversations_info(self, workspace: Workspace, args: Json) -> Json:
        channel = self._place(workspace, args["channel"])
        kind = READING.get(channel.id[0], "channels")
        if f"{kind}:read" not in workspace.scopes:
            raise RefusedError("missing_scope", needed=f"{kind}:read", provided=",".join(sorted(workspace.scopes)))
        told = {"id": channel.id, "name": channel.name, "is_archived": channel.archived}
        return {"ok": True, "channel": told | {"is_member": workspace.bot_user in channel.members}}

    def _conversations_members(self, workspace: Workspace, args: Json) -> Json:
        channel = self._place(workspace, args["channel"])
        if f"{READING.get(channel.id[0], 'channels')}:read" not in workspace.scopes:
            raise RefusedError("missing_scope", needed="channels:read", provided=",".join(sorted(workspace.scopes)))
        return {"ok": True, "members": sorted(channel.members), "response_metadata": {"next_cursor": ""}}

    def _conversations_open(self, workspace: Workspace, args: Json) -> Json:
        return {"ok": True, "channel": {"id": self._direct(workspace, str(args["users"]))}}

    def _users_info(self, workspace: Workspace, args: Json) -> Json:
        user = workspace.users.get(str(args["user"]))
        if user is None:
            raise RefusedError("user_not_found")
        told = {name: getattr(user, name) for name in User.__slots__}
        profile = {"real_name": user.name.title(), "display_name": user.name}
        told["team_id"] = user.team_id or workspace.team
        return {"ok": True, "user": told | {"profile": profile, "deleted": False}}

    def _oauth_v2_access(self, args: Json) -> Json:
        answer = self.codes.pop(str(args.get("code")), None)
        if answer is None:
            raise RefusedError("invalid_code")
        return {"ok": True, **answer}


class Views(State):
    """`views.*`."""

    def _views_open(self, workspace: Workspace, args: Json) -> Json:
        self._spend(args.get("trigger_id", ""))
        self._check_view(args["view"])
        view = shown({**args["view"], "id": f"V{next(self._numbers)}"}, f"{next(self._numbers)}.h")
        workspace.modals.append(view)
        self._tell()
        return {"ok": True, "view": view}

    def _views_update(self, workspace: Workspace, args: Json) -> Json:
        self._check_view(args["view"])
        for place, view in enumerate(workspace.modals):
            if view["id"] == args["view_id"]:
                if args.get("hash") not in (None, view["hash"]):
                    raise RefusedError("hash_conflict")
                changed = {**args["view"], "id": view["id"]}
                workspace.modals[place] = shown(changed, f"{next(self._numbers)}.h", view)
                return {"ok": True, "view": workspace.modals[place]}
        raise RefusedError("not_found")

    def _views_publish(self, workspace: Workspace, args: Json) -> Json:
        self._check_view(args["view"])
        workspace.home[args["user_id"]] = args["view"]
        self._tell()
        return {"ok": True, "view": {**args["view"], "id": f"V{next(self._numbers)}"}}
