# The program sees the environment that it would see without memwatch.
. "$TOP/tests/e2e/lib.sh"

same_as_native env
same_as_native sh -c env
same_as_native env -i env
same_as_native python3 -c 'import os, subprocess; print(sorted(os.environb.items())); subprocess.run(["env"])'
