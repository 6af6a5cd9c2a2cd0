import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { describeOptions, optionsMarkdown } from './describe.ts';
import { deploymentNames, duration, settingsSection } from './kinds.ts';

const schema = z.object({
  name: z.string().describe('Name of the system'),
  remote: z
    .object({
      roles: z
        .array(z.string())
        .default([])
        .describe('Roles')
        .meta({ names: deploymentNames.roles }),
      format: z.enum(['a', 'b']).default('a').describe('Either a|b'),
      cores: z.int().default(64).describe('Cores').meta({ defaultText: 'all cores' }),
      waitMs: duration().default(90_000).describe('Wait'),
      password: z.string().default('guest').describe('Password').meta({ secret: true }),
      limits: settingsSection(
        { bytesMax: 5, shareMax: 0.5, offMs: 0 },
        {
          bytesMax: 'Bytes',
          shareMax: 'Share',
          offMs: 'Off',
        },
      ),
    })
    .describe('The network.'),
});

describe('the description of options', () => {
  it('has kind, default, names and whether a value must be given', () => {
    const options = describeOptions(schema);
    expect(options.map((option) => [option.key, option.type, option.defaultText])).toEqual([
      ['name', 'text', ''],
      ['remote.roles', 'list of text', ''],
      ['remote.format', 'one of a, b', 'a'],
      ['remote.cores', 'integer', 'all cores'],
      ['remote.waitMs', 'duration', '90s'],
      ['remote.password', 'text', '********'],
      ['remote.limits.bytesMax', 'integer', '5'],
      ['remote.limits.shareMax', 'number', '0.5'],
      ['remote.limits.offMs', 'duration', '0ms'],
    ]);
    expect(options[0]).toMatchObject({ required: true, environmentNames: ['PARVI_NAME'] });
    expect(options[1]).toMatchObject({
      required: false,
      environmentNames: ['PARVI_REMOTE_ROLES', 'ROLES'],
    });
  });

  it('comes as tables by section', () => {
    const page = optionsMarkdown(schema);
    expect(page.split('\n').slice(0, 9)).toEqual([
      '| option | effect | kind | default | environment |',
      '|---|---|---|---|---|',
      '| `name` | Name of the system | text | must be given | `PARVI_NAME` |',
      '',
      '## remote',
      '',
      'The network.',
      '',
      '| option | effect | kind | default | environment |',
    ]);
    expect(page).toContain('| `remote.format` | Either a\\|b | one of a, b | `a` |');
    expect(page).toContain('## remote.limits');
    expect(page).not.toContain('guest');
  });

  it('insists that every option says what it does', () => {
    expect(() => describeOptions(z.object({ a: z.string() }))).toThrow(
      'the option "a" says what it does',
    );
  });
});
