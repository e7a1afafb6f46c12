# A real program, the same with and without memwatch: node.
. "$TOP/tests/e2e/lib.sh"
needs node

same_as_native node -e '
let m = new Map(); for (let i = 0; i < 50000; i++) m.set(i, "x" + i);
console.log(m.size); process.exit(6)'
