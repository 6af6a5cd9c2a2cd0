// Completion scripts for shells, made from the commands themselves.

import { Argument, type Command } from 'commander';
import { assert } from '../runtime/index.ts';
import type { CliContext } from './context.ts';
import { examples } from './examples.ts';

export function addCompletionCommand(program: Command, context: CliContext): void {
  program
    .command('completion')
    .description('print a completion script for a shell')
    .addArgument(new Argument('<shell>', 'which one').choices(Object.keys(scripts)))
    .addHelpText(
      'after',
      examples(
        'source <(parvi completion bash)',
        'parvi completion fish > ~/.config/fish/completions/parvi.fish',
      ),
    )
    .action((shell: string) => {
      const script = scripts[shell];
      assert(script !== undefined, 'the shell is one of those to choose from');
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
    const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
    const help = inner.length === 0 ? [] : ['help'];
    words.set(path.join(' '), [...inner, ...help, ...choices, ...options, '--help']);
    if (inner.length > 0) words.set([...path, 'help'].join(' '), inner);
    for (const one of command.commands) add(one, [...path, one.name()]);
  };
  add(program, []);
  return words;
}

/**
 * Of what stands before, only commands count: values of options, which Bash even breaks at colons, are passed over.
 */
const pathLoop = (words: Words): string => `    case "\${path:+$path }$word" in
      ${[...words.keys()]
        .filter((path) => path !== '')
        .map((path) => `"${path}"`)
        .join('|')}) path="\${path:+$path }$word" ;;
    esac`;

const scripts: Readonly<Record<string, (words: Words) => string>> = {
  bash: (words) => `_parvi() {
  local path="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
${pathLoop(words)}
  done
  local next=""
  case "$path" in
${[...words].map(([path, next]) => `    "${path}") next="${next.join(' ')}" ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$next" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _parvi parvi`,
  zsh: (words) => `#compdef parvi
_parvi() {
  local path="" word
  for word in "\${words[@]:1:$((CURRENT-2))}"; do
${pathLoop(words)}
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
