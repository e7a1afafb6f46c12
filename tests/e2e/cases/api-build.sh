# Programs that include memwatch.h build with any usual compiler, language and way of linking, with nothing to link.
. "$TOP/tests/e2e/lib.sh"
source=$TOP/tests/e2e/victims/api.c

try() { # try WATCHED COMPILER...
	wanted=$1
	shift
	rm -f program
	"$@" -D_GNU_SOURCE -pedantic -Wall -Wextra -Werror -I"$TOP" -pthread -o program "$source" >errors 2>&1 ||
		fail "$*: $(cat errors)"
	expect "$* alone" "$(./program basic | head -n 1)" "watched: 0"
	[ "$wanted" = 1 ] || return 0
	watch ./program basic
	expect "$* watched" "$(head -n 1 stdout)" "watched: 1"
}

try 1 gcc -std=c99
try 1 gcc -std=c99 -O2 -flto -fno-plt
try 1 gcc -std=c99 -O2 -fno-pie -no-pie
try 1 gcc -std=c99 -O2 -fno-pie -no-pie -fuse-ld=gold
try 1 gcc -std=c99 -masm=intel -fPIE -pie -Wl,-z,now
try 1 g++ -x c++ -std=c++11 -O2
try 1 g++ -x c++ -std=c++20 -fno-exceptions -fno-pie -no-pie
try 0 gcc -std=c99 -static
try 0 gcc -std=c99 -static-pie -fPIE
if command -v clang >/dev/null 2>&1; then
	try 1 clang -std=c99 -O2
	try 1 clang -std=c99 -fno-pie -no-pie
	try 1 clang -x c++ -std=c++11 -O2 -fno-plt
	try 0 clang -std=c99 -static
fi

# A library that is loaded later, in a program that knows nothing of it.
cat >plugin.c <<'END'
#include "common/memwatch.h"
int plugin_watched(void);
int plugin_watched(void)
{
	return memwatch_watched() && memwatch_mark("from the plugin") == 0;
}
END
cat >host.c <<'END'
#include <dlfcn.h>
#include <stdio.h>
int main(void)
{
	void *plugin = dlopen("./plugin.so", RTLD_NOW | RTLD_LOCAL);
	int (*watched)(void) = (int (*)(void))dlsym(plugin, "plugin_watched");

	printf("%d\n", watched());
	return dlclose(plugin);
}
END
gcc -shared -fPIC -O2 -I"$TOP" -o plugin.so plugin.c || fail "cannot compile the plugin"
gcc -o host host.c -ldl || fail "cannot compile its host"
expect "plugin alone" "$(./host)" 0
watch ./host
expect "plugin watched" "$(cat stdout)" 1
expect "its mark" "$(json '.processes[0].marks[0].name')" "from the plugin"
