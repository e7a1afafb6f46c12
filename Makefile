# memwatch. `make help` tells what can be made. Sources are found by wildcard in fixed folders.

VERSION = 0.1.0
VARIANT = release
CHARTS = auto
BUILD = build
PREFIX = /usr/local
CC ?= gcc
ifeq ($(origin CC),default)
CC = gcc
endif
V =
WERROR =

O = $(BUILD)/$(VARIANT)
# The release variant is the one that is run by hand, so it comes out directly in build/.
OUT = $(if $(filter release,$(VARIANT)),$(BUILD),$(O))
Q = $(if $(V),,@)
say = $(if $(V),@:,@echo '  $(1)')

# ---- sources and objects

common_c := $(wildcard common/*.c)
cli_c := $(wildcard cli/*.c cli/*/*.c)
cli_proto := $(wildcard cli/*/*.proto)
shim_c := $(wildcard shim/*.c)
shim_s := $(wildcard shim/*.S)
cli_s := $(wildcard cli/*/*.S)
page_parts := $(wildcard cli/render/html/*)
unit_c := $(wildcard tests/unit/test_*.c tests/fault/test_*.c)
fuzz_c := $(wildcard tests/fuzz/fuzz_*.c)

proto_o := $(patsubst %.proto,$(O)/gen/%.pb-c.o,$(cli_proto))
cli_o := $(patsubst %.c,$(O)/reporter/%.o,$(common_c) $(cli_c)) $(patsubst %.S,$(O)/reporter/%.o,$(cli_s)) $(proto_o)
lib_o := $(filter-out $(O)/reporter/cli/main.o,$(cli_o))
shim_o := $(patsubst %.c,$(O)/preload/%.o,$(common_c) $(shim_c)) $(patsubst %.S,$(O)/preload/%.o,$(shim_s))
units := $(patsubst %.c,$(O)/%,$(unit_c))
fuzzers := $(patsubst %.c,$(O)/%,$(fuzz_c))
warned := $(patsubst %.c,$(O)/warned/%,$(common_c) $(cli_c) $(unit_c) $(fuzz_c) $(wildcard tests/fuzz/replay.c)) \
	$(patsubst %.c,$(O)/warned-preload/%,$(common_c) $(shim_c))

# ---- flags

warnings = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef -Wformat=2 \
	$(if $(WERROR),-Werror)

variant_release = -O2 -DNDEBUG
variant_debug = -O0
variant_asan = -O1 -fsanitize=address -fno-omit-frame-pointer
variant_ubsan = -O1 -fsanitize=undefined -fno-sanitize-recover=undefined
variant_tsan = -O1 -fsanitize=thread
variant_cov = -O0 --coverage
variant = $(variant_$(VARIANT))
ifndef variant_$(VARIANT)
$(error VARIANT=$(VARIANT) is not known: release debug asan ubsan tsan cov)
endif

packages = libdw libelf libevent_core libevent_extra jansson libprotobuf-c ncursesw zlib libzstd libdeflate

base_flags = -std=gnu11 -D_GNU_SOURCE -I. -g $(warnings) -MMD -MP
cli_flags = $(base_flags) -isystem $(O)/gen $(variant) -DMEMWATCH_VERSION='"$(VERSION)"' $(package_cflags) $(CFLAGS)
cli_libs = $(package_libs) -liberty -lpthread -lm
# The preloaded object is never sanitized, and is optimised in each variant: it runs inside other programs. gcc must not
# make calloc out of the shim's own malloc and memset, nor load two registers at once that were stored one by one.
shim_flags = $(base_flags) -O2 -fPIC -fvisibility=hidden -fno-omit-frame-pointer -fasynchronous-unwind-tables \
	-ftls-model=initial-exec -fno-exceptions -fno-builtin-malloc -fno-builtin-calloc -fno-builtin-realloc \
	-fno-builtin-free -fno-tree-vectorize $(CFLAGS)
shim_link = -shared -Wl,--version-script=shim/exports.map -Wl,-z,now -Wl,-z,nodelete -Wl,--no-undefined \
	-Wl,-soname,libmemwatch.so

# -Werror changes no object.
all_flags = $(CHARTS) $(CC) $(filter-out -Werror,$(cli_flags) $(cli_libs) $(reporter_libs) $(shim_flags)) \
	$(shim_link) $(LDFLAGS)

# ---- what is needed to build (targets that install it, or need nothing, come first)

no_packages = help clean check% demo bench deps deb fuzz uninstall
goals := $(or $(MAKECMDGOALS),all)
ifneq ($(filter-out $(no_packages),$(goals)),)
missing := $(shell scripts/deps --missing build)
ifneq ($(missing),)
$(error missing: $(missing). Run scripts/deps build)
endif
package_cflags := $(shell pkg-config --cflags $(packages))
package_libs := $(shell pkg-config --libs $(packages))

# A release has the libraries in it: loading them would be a fifth of a start, and what a program's environment says of
# libraries (LD_LIBRARY_PATH) is not meant for us. LINK=shared loads them; so does one that an archive is missing for.
archives = dw elf event_extra event_core jansson protobuf-c ncursesw tinfo z deflate zstd lzma bz2
found_archives := $(shell for l in $(archives); do $(CC) -print-file-name=lib$$l.a; done | grep -c /)
ifeq ($(VARIANT) $(LINK) $(found_archives),release  $(words $(archives)))
reporter_libs = -Wl,-Bstatic $(archives:%=-l%) -liberty -Wl,-Bdynamic -lpthread -lm
else
reporter_libs = $(cli_libs)
endif
# Written when the compiler or a flag has changed; then everything is made again.
dry_run := $(findstring n,$(firstword -$(MAKEFLAGS)))
ifneq ($(strip $(all_flags)),$(if $(dry_run),$(strip $(all_flags)),$(strip $(file <$(O)/flags))))
$(shell mkdir -p $(O))
$(file >$(O)/flags,$(all_flags))
endif
endif

# ---- targets

.PHONY: all help tests fuzz fuzzers warnings man install uninstall check check-full check-asan check-ubsan check-tsan
.PHONY: demo bench bench-reader deps deb clean
.DELETE_ON_ERROR:
.SECONDARY:

all: $(OUT)/memwatch $(OUT)/libmemwatch.so

help:
	@echo 'make                  build/memwatch and build/libmemwatch.so'
	@echo 'make VARIANT=…        release (default), debug, asan, ubsan, tsan, cov: in build/VARIANT/'
	@echo 'make demo             build, then watch a small leaking program'
	@echo 'make check            all tests (NAME=… for those whose name contains it)'
	@echo 'make check-asan       the same with AddressSanitizer; check-ubsan, check-tsan'
	@echo 'make check-full       check and the slow tests, check-asan, check-ubsan and check-tsan'
	@echo 'make bench            compare with heaptrack (minutes)'
	@echo 'make bench-reader     how fast the reporter takes records'
	@echo 'make fuzz             libFuzzer binaries of tests/fuzz (clang)'
	@echo 'make man              build/memwatch.1, build/memwatch.h.3'
	@echo 'make install          to PREFIX (/usr/local), under DESTDIR; make uninstall'
	@echo 'make deb              Debian packages memwatch and libmemwatch-dev, in DEB (build/)'
	@echo 'make deps             install the Debian packages that building needs'
	@echo 'make clean'
	@echo 'Variables: CC=gcc|clang CFLAGS= LINK=shared V=1 WERROR=1 PREFIX= DESTDIR= BUILD='
	@echo '           CHARTS=auto|plain: the HTML report with charts from npm if it is there, or never'

$(OUT)/memwatch: $(cli_o) $(O)/flags
	$(call say,LD    $@)
	$(Q)$(CC) $(cli_flags) $(LDFLAGS) -o $@ $(cli_o) $(reporter_libs)

$(OUT)/libmemwatch.so: $(shim_o) shim/exports.map $(O)/flags
	$(call say,LD    $@)
	$(Q)$(CC) $(shim_flags) $(shim_link) -o $@ $(shim_o) -ldl

$(O)/libcli.a: $(lib_o)
	$(call say,AR    $@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# For unit tests of the shim's parts; without the exported functions.
$(O)/libshim.a: $(filter-out $(O)/preload/shim/entry%,$(shim_o))
	$(call say,AR    $@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# Messages for protobuf-c; a source includes the header by the name of the .proto.
$(O)/gen/%.pb-c.c: %.proto $(O)/flags
	$(call say,PROTO $<)
	$(Q)mkdir -p $(@D) && protoc-c --proto_path=$(<D) --c_out=$(@D) $<

$(O)/gen/%.pb-c.o: $(O)/gen/%.pb-c.c
	$(call say,CC    $<)
	$(Q)$(CC) $(cli_flags) -c -o $@ $<

$(filter $(O)/reporter/%,$(cli_o)): | $(proto_o)

$(O)/reporter/%.o: %.c $(O)/flags
	$(call say,CC    $<)
	$(Q)mkdir -p $(@D) && $(CC) $(cli_flags) -c -o $@ $<

# Compiles everything for its warnings alone: gcc has some only when it optimises, clang has all without.
for_warnings = $(if $(findstring clang,$(CC)),-fsyntax-only,-S -o /dev/null) -MF $@.d -MT $@

warnings: $(warned)

$(O)/warned/%: %.c $(O)/flags | $(proto_o)
	$(call say,CC    $< (warnings))
	$(Q)mkdir -p $(@D) && $(CC) $(cli_flags) $(for_warnings) $< && touch $@

$(O)/warned-preload/%: %.c $(O)/flags
	$(call say,CC    $< (warnings, shim))
	$(Q)mkdir -p $(@D) && $(CC) $(shim_flags) $(for_warnings) $< && touch $@

# The page of the HTML report, which the binary contains. CHARTS=plain leaves out what npm could give.
$(BUILD)/page/$(CHARTS): $(page_parts) scripts/page
	$(call say,PAGE  $@)
	$(Q)scripts/page $(CHARTS) $@

$(O)/reporter/%.o: %.S $(BUILD)/page/$(CHARTS) $(O)/flags
	$(call say,AS    $<)
	$(Q)mkdir -p $(@D) && $(CC) $(cli_flags) -Wa,-I$(BUILD)/page/$(CHARTS) -c -o $@ $<

$(O)/preload/%.o: %.c $(O)/flags
	$(call say,CC    $< (shim))
	$(Q)mkdir -p $(@D) && $(CC) $(shim_flags) -c -o $@ $<

$(O)/preload/%.o: %.S $(O)/flags
	$(call say,AS    $< (shim))
	$(Q)mkdir -p $(@D) && $(CC) $(shim_flags) -c -o $@ $<

tests: all $(if $(filter tsan,$(VARIANT)),,$(units)) $(fuzzers)

$(O)/tests/unit/%: tests/unit/%.c $(O)/libcli.a $(O)/libshim.a
	$(call say,TEST  $<)
	$(Q)mkdir -p $(@D) && $(CC) $(cli_flags) $(LDFLAGS) -o $@ $< $(O)/libcli.a $(O)/libshim.a $(cli_libs) \
		-lcriterion -ldl

$(O)/tests/fault/%: tests/fault/%.c $(O)/libcli.a $(O)/libshim.a
	$(call say,TEST  $<)
	$(Q)mkdir -p $(@D) && $(CC) $(cli_flags) $(LDFLAGS) -o $@ $< $(O)/libcli.a $(O)/libshim.a $(cli_libs) \
		-lcriterion -ldl

# With a main that replays files; `make fuzz` links libFuzzer instead.
$(O)/tests/fuzz/%: tests/fuzz/%.c tests/fuzz/replay.c $(O)/libcli.a
	$(call say,TEST  $<)
	$(Q)mkdir -p $(@D) && $(CC) $(cli_flags) $(LDFLAGS) -o $@ $< $(if $(FUZZER),,tests/fuzz/replay.c) \
		$(O)/libcli.a $(cli_libs)

fuzz:
	$(Q)$(MAKE) --no-print-directory BUILD=$(BUILD)/fuzzer VARIANT=debug CC=clang FUZZER=1 \
		CFLAGS='-O1 -fsanitize=fuzzer-no-link,address,undefined' LDFLAGS='-fsanitize=fuzzer' fuzzers

fuzzers: $(fuzzers)

man: $(BUILD)/memwatch.1 $(BUILD)/memwatch.h.3 $(BUILD)/memwatch-fleet.7

$(BUILD)/memwatch%: man/memwatch%.scd
	$(call say,MAN   $@)
	$(Q)mkdir -p $(@D) && scdoc <$< >$@

# What build systems and shells find memwatch by.
integration = lib/pkgconfig/memwatch.pc lib/cmake/memwatch/memwatch-config.cmake \
	lib/cmake/memwatch/memwatch-config-version.cmake share/bash-completion/completions/memwatch \
	share/zsh/site-functions/_memwatch share/fish/vendor_completions.d/memwatch.fish
stamp = s,@PREFIX@,$(PREFIX),; s,@VERSION@,$(VERSION),

install: all man
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/memwatch $(DESTDIR)$(PREFIX)/share/man/man1 \
		$(DESTDIR)$(PREFIX)/share/man/man3 $(DESTDIR)$(PREFIX)/share/man/man7 $(DESTDIR)$(PREFIX)/include \
		$(DESTDIR)$(PREFIX)/share/memwatch/fleet
	install -m 755 $(OUT)/memwatch $(DESTDIR)$(PREFIX)/bin/memwatch
	install -m 755 $(OUT)/libmemwatch.so $(DESTDIR)$(PREFIX)/lib/memwatch/libmemwatch.so
	install -m 644 $(BUILD)/memwatch.1 $(DESTDIR)$(PREFIX)/share/man/man1/memwatch.1
	install -m 644 $(BUILD)/memwatch.h.3 $(DESTDIR)$(PREFIX)/share/man/man3/memwatch.h.3
	install -m 644 $(BUILD)/memwatch-fleet.7 $(DESTDIR)$(PREFIX)/share/man/man7/memwatch-fleet.7
	install -m 644 scripts/fleet/* $(DESTDIR)$(PREFIX)/share/memwatch/fleet
	install -m 644 common/memwatch.h $(DESTDIR)$(PREFIX)/include/memwatch.h
	install -d $(addprefix $(DESTDIR)$(PREFIX)/,$(dir $(integration)))
	sed '$(stamp)' scripts/memwatch.pc.in >$(DESTDIR)$(PREFIX)/lib/pkgconfig/memwatch.pc
	sed '$(stamp)' scripts/cmake/memwatch-config-version.cmake.in \
		>$(DESTDIR)$(PREFIX)/lib/cmake/memwatch/memwatch-config-version.cmake
	install -m 644 scripts/cmake/memwatch-config.cmake $(DESTDIR)$(PREFIX)/lib/cmake/memwatch/memwatch-config.cmake
	$(OUT)/memwatch completion bash >$(DESTDIR)$(PREFIX)/share/bash-completion/completions/memwatch
	$(OUT)/memwatch completion zsh >$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_memwatch
	$(OUT)/memwatch completion fish >$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/memwatch.fish

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/memwatch $(DESTDIR)$(PREFIX)/lib/memwatch/libmemwatch.so
	rm -f $(DESTDIR)$(PREFIX)/share/man/man1/memwatch.1 $(DESTDIR)$(PREFIX)/share/man/man3/memwatch.h.3
	rm -f $(DESTDIR)$(PREFIX)/share/man/man7/memwatch-fleet.7
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/share/memwatch/,$(patsubst scripts/%,%,$(wildcard scripts/fleet/*)))
	rm -f $(DESTDIR)$(PREFIX)/include/memwatch.h $(addprefix $(DESTDIR)$(PREFIX)/,$(integration))
	-rmdir $(DESTDIR)$(PREFIX)/share/memwatch/fleet $(DESTDIR)$(PREFIX)/share/memwatch
	-rmdir $(DESTDIR)$(PREFIX)/lib/memwatch $(DESTDIR)$(PREFIX)/lib/cmake/memwatch

# Debian packages, in DEB (build/).
deb:
	@scripts/deb $(VERSION) $(or $(DEB),$(BUILD))

deps:
	@scripts/deps build

check:
	@scripts/deps build test
	@tests/run $(NAME)

check-asan check-ubsan check-tsan:
	@scripts/deps build test
	@tests/run --variant=$(@:check-%=%) $(NAME)

check-full:
	@scripts/deps build test full
	@tests/run --full --variant=release,asan,ubsan,tsan $(NAME)

demo:
	@scripts/deps build
	@$(MAKE) -s all
	@$(CC) -g -o $(BUILD)/leaky tests/e2e/victims/leaky.c
	$(BUILD)/memwatch $(BUILD)/leaky

bench:
	@scripts/deps build bench
	@$(MAKE) -s all
	@scripts/bench/run

bench-reader: $(O)/scripts/bench/reader
	$<

$(O)/scripts/bench/reader: scripts/bench/reader.c $(O)/libcli.a
	$(call say,LD    $@)
	$(Q)mkdir -p $(@D) && $(CC) $(cli_flags) $(LDFLAGS) -o $@ $< $(O)/libcli.a $(cli_libs)

clean:
	rm -rf $(BUILD)

-include $(shell find $(O) -name '*.d' 2>/dev/null)
