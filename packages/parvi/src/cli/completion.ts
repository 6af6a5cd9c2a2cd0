// Completion scripts for shells, made from the commands themselves.

import type { Command } from 'commander';
import type { CliContext } from './context.ts';
import { examples } from './examples.ts';
import { CliError } from './exit-codes.ts';

export function addCompletionCommand(program: Command, context: CliContext): void {
  program
    .command('completion')
    .description('print a completion script for a shell')
    .argument('<shell>', 'bash, zsh or fish')
    .addHelpText(
      'after',
      examples(
        'source <(parvi completion bash)',
        'parvi completion fish > ~/.config/fish/completions/parvi.fish',
      ),
    )
    .action((shell: string) => {
      const script = scripts[shell];
      if (script === undefined) {
        const known = Object.keys(scripts).join(', ');
        throw new CliError(
          'CLI_USAGE',
          `There is no completion for "${shell}"; there is for ${known}`,
        );
      }
      context.terminal.out(script(wordsOf(program)));
    });
}

/** By the words before it, what may come next. */
type Words = ReadonlyMap<string, readonly string[]>;

function wordsOf(program: Command): Words {
  const words = new Map<string, readonly string[]>();
  const add = (command: Command, path: readonly string[]): void => {
    const options = command.options.flatMap(({ long }) => (long ? [long] : []));
    const inner = command.commands.map((one) => one.name());
    words.set(path.join(' '), [...inner, ...options, '--help']);
    for (const one of command.commands) add(one, [...path, one.name()]);
  };
  add(program, []);
  return words;
}

const scripts: Readonly<Record<string, (words: Words) => string>> = {
  bash: (words) => `_parvi() {
  local path="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == -* ]] || path="\${path:+$path }$word"
  done
  local next=""
  case "$path" in
${[...words].map(([path, next]) => `    "${path}") next="${next.join(' ')}" ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$next" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _parvi parvi`,
  zsh: (words) => `#compdef parvi
_parvi() {
  local path="" word
  for word in "\${words[@]:1:$((CURRENT-2))}"; do
    [[ $word == -* ]] || path="\${path:+$path }$word"
  done
  case "$path" in
${[...words].map(([path, next]) => `    "${path}") compadd -- ${next.join(' ')} ;;`).join('\n')}
  esac
}
compdef _parvi parvi`,
  fish: (words) =>
    [...words]
      .map(([path, next]) => {
        const seen = path === '' ? [] : path.split(' ');
        const condition = [
          ...seen.map((word) => `__fish_seen_subcommand_from ${word}`),
          ...(words.has(path) && next.some((word) => !word.startsWith('-'))
            ? [
                `not __fish_seen_subcommand_from ${next.filter((word) => !word.startsWith('-')).join(' ')}`,
              ]
            : []),
        ].join('; and ');
        return `complete -c parvi -f -n '${condition || 'true'}' -a '${next.join(' ')}'`;
      })
      .join('\n'),
};
