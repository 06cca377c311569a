import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import Input from "@cloudscape-design/components/input";

import { common, createTexts as texts } from "../texts";

interface Props {
  accounts: string[];
  own: string;
  onChange: (accounts: string[]) => void;
  tried: boolean;
}

const wrongWith = (account: string, own: string): string | undefined => {
  if (!/^\d{12}$/.test(account)) return texts.accountPattern;
  return account === own ? texts.accountOwn : undefined;
};

export const goodAccounts = (accounts: string[], own: string): boolean => accounts.every((one) => !wrongWith(one, own));

/** Other accounts, by number. */
export function AccountsEditor({ accounts, own, onChange, tried }: Props) {
  return (
    <AttributeEditor
      items={accounts.map((account) => ({ account }))}
      addButtonText={texts.addAccount}
      removeButtonText={common.remove}
      removeButtonAriaLabel={(one) => `${common.remove} ${one.account}`}
      onAddButtonClick={() => onChange([...accounts, ""])}
      onRemoveButtonClick={({ detail }) => onChange(accounts.filter((_, at) => at !== detail.itemIndex))}
      definition={[
        {
          label: texts.accountNumber,
          control: (one, index) => (
            <Input
              value={one.account}
              inputMode="numeric"
              placeholder="111122223333"
              onChange={({ detail }) => onChange(accounts.map((account, at) => (at === index ? detail.value.trim() : account)))}
            />
          ),
          errorText: (one) => (tried ? wrongWith(one.account, own) : undefined),
        },
      ]}
    />
  );
}
