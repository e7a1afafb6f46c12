# CTest counts the defects that memwatch tells of in valgrind's words; with memwatch_wrap_tests() leaks fail a test.
. "$TOP/tests/e2e/lib.sh"
needs cmake ctest
[ "$VARIANT" = release ] || skip "installs the release variant"

make -s -C "$TOP" install DESTDIR="$PWD/root" PREFIX=/usr >make.out 2>&1 || { cat make.out; fail "make install"; }
MEMWATCH=$PWD/root/usr/bin/memwatch
mkdir project
cat >project/CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.16)
project(sample C CXX)
include(CTest)
add_executable(leaky leaky.c)
add_executable(mismatches mismatches.cc)
add_executable(tidy tidy.c)
add_test(NAME leaky COMMAND leaky)
add_test(NAME mismatches COMMAND mismatches new_free)
add_test(NAME tidy COMMAND tidy)
if(WRAP)
  find_package(memwatch 0.1 REQUIRED)
  memwatch_wrap_tests(leaky tidy)
  memwatch_wrap_tests(mismatches OPTIONS --fail-on=mismatch --exit-code=9)
  target_link_libraries(tidy memwatch::memwatch)
endif()
END
cp "$TOP/tests/e2e/victims/leaky.c" "$TOP/tests/e2e/victims/mismatches.cc" project
cat >project/tidy.c <<'END'
#if WATCHED
#include <memwatch.h>
#endif
int main(void)
{
	return 0;
}
END

cmake -S project -B memcheck -DCMAKE_BUILD_TYPE=Debug -DMEMORYCHECK_COMMAND="$MEMWATCH" -DMEMORYCHECK_TYPE=Valgrind \
	>cmake.out 2>&1 || { cat cmake.out; fail "cmake"; }
nice cmake --build memcheck >make.out 2>&1 || { cat make.out; fail "cmake --build"; }
(cd memcheck && ctest -T memcheck) >ctest.out 2>&1 || { cat ctest.out; fail "ctest -T memcheck: $?"; }
found=$(echo memcheck/Testing/*/DynamicAnalysis.xml)
[ -s "$found" ] || { cat ctest.out; fail "no DynamicAnalysis.xml"; }

defects() { # defects TEST: "TYPE COUNT" lines
	xmllint --xpath "//Test[Name='$1']/Results/Defect" "$found" 2>/dev/null |
		sed -n 's,.*<Defect type="\([^"]*\)">\([0-9]*\)</Defect>.*,\1 \2,p'
}
expect "defects of leaky, and what --show-reachable lists" "$(defects leaky | tr "\n" ,)" \
	"Memory Leak 2,Potential Memory Leak 2,"
expect_match "defects of mismatches" "$(defects mismatches)" '^Mismatched deallocation 1$'
expect "defects of tidy" "$(defects tidy)" ""
grep -q 'Memory Leak - 2' ctest.out || { cat ctest.out; fail "ctest does not sum them up"; }

cmake -S project -B wrapped -DCMAKE_BUILD_TYPE=Debug -DWRAP=1 -DCMAKE_C_FLAGS=-DWATCHED=1 \
	-DCMAKE_PREFIX_PATH="$PWD/root/usr" >cmake.out 2>&1 || { cat cmake.out; fail "cmake with the package"; }
nice cmake --build wrapped >make.out 2>&1 || { cat make.out; fail "cmake --build"; }
(cd wrapped && ctest) >ctest.out 2>&1 && { cat ctest.out; fail "leaks pass"; }
expect "tests that failed" \
	"$(sed -n 's/^[[:space:]]*[0-9]* - \([a-z]*\) (Failed).*/\1/p' ctest.out | sort | tr '\n' ' ')" \
	"leaky mismatches "
cmake -S project -B refused -DWRAP=1 -Dmemwatch_DIR="$PWD/root/usr/lib/cmake/memwatch" >cmake.out 2>&1 ||
	{ cat cmake.out; fail "cmake with memwatch_DIR"; }
