# A real program, the same with and without memwatch: git.
. "$TOP/tests/e2e/lib.sh"
needs git

git init -q repository
cd repository || exit 1
seq 1 5000 >file
git add file
git -c user.name=a -c user.email=a@b commit -q -m first
cd .. || exit 1
same_as_native git --version
same_as_native git -C repository log --stat
same_as_native git -C repository fsck
same_as_native git -C repository show HEAD:missing
