# A real program, the same with and without memwatch: bash.
. "$TOP/tests/e2e/lib.sh"
needs bash

same_as_native bash -c 'seq 1 1000 | sort -rn | head -n 3 | tr "\n" " "; exit ${PIPESTATUS[0]}'
same_as_native bash -c 'for i in 1 2 3; do (exit $i); echo $?; done; x=$(echo inner | cat); echo "$x"; wait; kill -0 $$'
same_as_native bash -c 'set -o pipefail; false | cat; exit $?'
