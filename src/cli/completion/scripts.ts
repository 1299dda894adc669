import { nearMiss } from "../../base/index.ts";
import { MillraceError } from "../../errors.ts";

/*
 * A shell has no knowledge of its own here: it hands the words to `millrace __complete` and offers what comes back, so
 * that a script need not be made again when the program has learned something.
 */

const bash = `# bash completion of millrace
_millrace() {
  local cur words cword
  if declare -F _get_comp_words_by_ref >/dev/null; then
    _get_comp_words_by_ref -n =: cur words cword
  else
    cur=\${COMP_WORDS[COMP_CWORD]} words=("\${COMP_WORDS[@]}") cword=$COMP_CWORD
  fi
  local line word IFS=$'\\n'
  COMPREPLY=()
  for line in $("\${words[0]}" __complete -- "\${words[@]:1:cword}" 2>/dev/null); do
    case $line in
      :files) compopt -o filenames 2>/dev/null; COMPREPLY+=($(compgen -f -- "$cur")) ;;
      :folders) compopt -o filenames 2>/dev/null; COMPREPLY+=($(compgen -d -- "$cur")) ;;
      *) word=\${line%%$'\\t'*}
        # Readline takes a word apart at the equals sign, so that only what is behind it is put in.
        [[ $cur == --*=* && $word == --*=* && \${COMP_WORDBREAKS} == *=* ]] && word=\${word#*=}
        COMPREPLY+=("$word") ;;
    esac
  done
}
complete -F _millrace millrace
`;

const zsh = `#compdef millrace
# zsh completion of millrace
_millrace() {
  local line word
  local -a candidates
  for line in "\${(@f)$("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    case $line in
      :files) _files ;;
      :folders) _files -/ ;;
      '') ;;
      *) word=\${line%%$'\\t'*}
        candidates+=("\${word//:/\\\\:}:\${line#*$'\\t'}") ;;
    esac
  done
  (( $#candidates )) && _describe 'millrace' candidates
}
if [[ $funcstack[1] == _millrace ]]; then _millrace "$@"; else compdef _millrace millrace; fi
`;

const fish = `# fish completion of millrace
function __millrace_complete
  set -l words (commandline --tokenize --cut-at-cursor) (commandline --current-token --cut-at-cursor)
  for line in ($words[1] __complete -- $words[2..-1] 2>/dev/null)
    switch $line
      case :files
        __fish_complete_path (commandline --current-token --cut-at-cursor)
      case :folders
        __fish_complete_directories (commandline --current-token --cut-at-cursor)
      case '*'
        echo $line
    end
  end
end
complete --command millrace --no-files --arguments '(__millrace_complete)'
`;

const scripts: ReadonlyMap<string, string> = new Map([
  ["bash", bash],
  ["zsh", zsh],
  ["fish", fish],
]);

/** @throws MillraceError `cli.usage` for a shell that is not known */
export function completionScript(shell: string): string {
  const script = scripts.get(shell);
  if (script !== undefined) return script.trimEnd();
  const near = nearMiss(shell, scripts.keys());
  const known = `there are completions for ${[...scripts.keys()].join(", ")}`;
  throw new MillraceError("cli.usage", `there are no completions for ${JSON.stringify(shell)}`, {
    hint: near === undefined ? known : `did you mean ${near}? ${known}`,
  });
}
