// Checks of the options of an actor that need no knowledge of what they mean.

import { ActorError } from './errors.ts';

/** `section` is the name of the options as a whole, such as `mailbox`; empty for those of the actor itself. */
export function refuseOtherNames(
  options: unknown,
  section: string,
  names: readonly string[],
): asserts options is object {
  if (typeof options !== 'object' || options === null) {
    const reason = `they are an object with any of ${names.join(', ')}`;
    throw invalidOption(section === '' ? 'options' : section, options, reason);
  }
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue;
    const option = section === '' ? name : `${section}.${name}`;
    throw new ActorError(
      'ACTOR_OPTION_INVALID',
      `Cannot start an actor with an option "${option}": there is none of that name; known are ${names.join(', ')}`,
      { fields: { option } },
    );
  }
}

export function invalidOption(option: string, value: unknown, reason: string): ActorError {
  const shown = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return new ActorError(
    'ACTOR_OPTION_INVALID',
    `Cannot start an actor with ${option} "${shown}": ${reason}`,
    { fields: { option, value } },
  );
}
