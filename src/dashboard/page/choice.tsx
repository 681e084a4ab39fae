// One of a few, as a row of radio buttons: arrow keys move, and a reader hears what they are for.

import type { JSX } from 'preact';

export interface Option {
  readonly value: string;
  readonly label: string;
  /** Why it cannot be chosen now. */
  readonly disabled?: string | undefined;
}

export function Choice(props: {
  readonly legend: string;
  readonly name: string;
  readonly options: readonly Option[];
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly isLegendHidden?: boolean;
}): JSX.Element {
  const { legend, name, options, value, onChange, isLegendHidden } = props;
  return (
    <fieldset class="choice">
      <legend class={isLegendHidden ? 'unseen' : ''}>{legend}</legend>
      <div class="choice-row">
        {options.map((option) => (
          <label key={option.value} title={option.disabled}>
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              disabled={option.disabled !== undefined}
              onChange={() => onChange(option.value)}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
