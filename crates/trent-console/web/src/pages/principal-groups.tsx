// Who is in which group, seen from a user or from a group.
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";

import { useIam } from "../app/api";
import { useAction, useLoad } from "../app/load";
import { follow, useUrl } from "../app/router";
import { Dialog } from "../parts/dialog";
import { ErrorBox } from "../parts/errors";
import { LoadedTable } from "../parts/found-list";
import { SeveralChoice } from "../parts/several-choice";
import { common, principalTexts as texts } from "../texts";

interface Props {
  kind: "User" | "Group";
  name: string;
}

/** The groups of a user, or the users of a group. */
export function Memberships({ kind, name }: Props) {
  const iam = useIam();
  const url = useUrl();
  const user = kind === "User";
  const found = useLoad(() => (user ? iam.groupsOf(name) : iam.membersOf(name)), [iam, user, name]);
  const [adding, setAdding] = useState(false);
  const { error, run } = useAction();
  const pair = (other: string) => (user ? { UserName: name, GroupName: other } : { UserName: other, GroupName: name });
  const remove = (other: string) =>
    run(async () => {
      await iam.call("RemoveUserFromGroup", pair(other));
      found.reload();
    });
  return (
    <SpaceBetween size="s">
      <ErrorBox error={error} />
      <LoadedTable
        title={user ? texts.groupsOf : texts.members}
        loaded={found}
        trackBy="arn"
        actions={<Button onClick={() => setAdding(true)}>{user ? texts.addToGroup : texts.addMembers}</Button>}
        columnDefinitions={[
          {
            id: "name",
            header: texts.name,
            isRowHeader: true,
            cell: (one) => (
              <Link href={url(["principals", user ? "groups" : "users", one.name])} onFollow={follow}>
                {one.name}
              </Link>
            ),
          },
          { id: "arn", header: texts.arn, cell: (one) => one.arn },
          {
            id: "actions",
            header: common.actions,
            cell: (one) => (
              <Button variant="inline-link" ariaLabel={`${texts.leaveGroup} ${one.name}`} onClick={() => void remove(one.name)}>
                {texts.leaveGroup}
              </Button>
            ),
          },
        ]}
        empty={user ? texts.noGroups : texts.noMembers}
      />
      {adding ? (
        <Add
          user={user}
          there={(found.data ?? []).map((one) => one.name)}
          onAdd={(other) => iam.call("AddUserToGroup", pair(other))}
          onClose={() => setAdding(false)}
          onDone={found.reload}
        />
      ) : null}
    </SpaceBetween>
  );
}

interface AddProps {
  user: boolean;
  there: string[];
  onAdd: (other: string) => Promise<unknown>;
  onClose: () => void;
  onDone: () => void;
}

function Add({ user, there, onAdd, onClose, onDone }: AddProps) {
  const iam = useIam();
  const [chosen, setChosen] = useState<string[]>([]);
  const options = useLoad(async () => {
    const all = user ? await iam.groups() : await iam.users();
    return all.filter((one) => !there.includes(one.name)).map((one) => ({ value: one.name, label: one.name }));
  }, [iam, user]);
  return (
    <Dialog
      title={user ? texts.addToGroup : texts.addMembers}
      submit={common.add}
      ready={chosen.length > 0}
      dirty={chosen.length > 0}
      onClose={onClose}
      onDone={onDone}
      onSubmit={async () => {
        for (const one of chosen) await onAdd(one);
      }}
    >
      <SeveralChoice
        label={user ? texts.groups : texts.users}
        placeholder={user ? texts.chooseGroups : texts.chooseUsers}
        options={options}
        chosen={chosen}
        onChange={setChosen}
      />
    </Dialog>
  );
}
