# cargo test runs under memwatch, which names Rust's functions.
. "$TOP/tests/e2e/lib.sh"
needs cargo
HOME=$(getent passwd "$(id -u)" | cut -d: -f6) cargo --version >/dev/null 2>&1 || skip "cargo does not work here"

mkdir -p sample/src
cat >sample/Cargo.toml <<'END'
[package]
name = "sample"
version = "0.1.0"
edition = "2021"
END
cat >sample/src/lib.rs <<'END'
pub fn forget_a_buffer(size: usize) -> usize {
    let buffer = vec![7u8; size];
    let length = buffer.len();
    std::mem::forget(buffer);
    length
}

#[test]
fn forgets() {
    assert_eq!(forget_a_buffer(12345), 12345);
}
END
cd sample || fail "cd"
HOME=$(getent passwd "$(id -u)" | cut -d: -f6)
CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER="$MEMWATCH --json=$PWD/report.json --log-file=$PWD/text \
	--fail-on=definite --"
export HOME CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER
cargo test --offline --lib >out 2>&1 && { cat out; fail "a leak passes"; }
expect_match "the test itself" "$(cat out)" 'test forgets \.\.\. ok'
expect_match "the leak" "$(jq -r '.processes[].leaks[] | select(.verdict == "definite" and .bytes == 12345) |
	.frames[].function' report.json)" '^sample::forget_a_buffer'
