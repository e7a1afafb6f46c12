// Releases that do not fit their allocation, by name: mismatches NAME...
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <list>
#include <map>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <vector>

namespace
{

struct with_cookie {
	int value;
	~with_cookie()
	{
		value = 0;
	}
};

// Has operators of its own, from malloc: they fit each other.
struct own_operators {
	int value;
	static void *operator new(size_t size)
	{
		return malloc(size);
	}
	static void operator delete(void *p)
	{
		free(p);
	}
	static void *operator new[](size_t size)
	{
		return malloc(size);
	}
	static void operator delete[](void *p)
	{
		free(p);
	}
};

} // namespace

// The compiler must not know what came from where.
static void *hide(void *p)
{
	__asm__ volatile("" : "+r"(p) : : "memory");
	return p;
}

#define CASE(name) extern "C" void name()

CASE(new_free)
{
	for (int i = 0; i < 3; i++)
		free(hide(new int(i)));
}

CASE(new_array_free)
{
	free(hide(new int[10]));
}
CASE(new_array_delete)
{
	delete static_cast<int *>(hide(new int[20]));
}
CASE(new_delete_array)
{
	delete[] static_cast<char *>(hide(new char));
}
CASE(malloc_delete)
{
	operator delete(hide(malloc(30)));
}
CASE(calloc_delete_sized)
{
	operator delete(hide(calloc(1, 31)), 31);
}
CASE(malloc_delete_array)
{
	operator delete[](hide(malloc(32)));
}
CASE(aligned_free)
{
	free(hide(operator new(128, std::align_val_t(64))));
}
CASE(aligned_alloc_delete)
{
	operator delete(hide(aligned_alloc(64, 128)), std::align_val_t(64));
}
CASE(nothrow_free)
{
	free(hide(new (std::nothrow) char[7]));
}

CASE(new_realloc)
{
	void *p = realloc(hide(new char[40]), 400);

	free(p);
}

CASE(realloc_delete)
{
	void *p = realloc(hide(malloc(50)), 5000);

	operator delete(hide(p));
}

CASE(other_thread)
{
	void *p = hide(new int[60]);

	std::thread([p] { free(p); }).join();
}

CASE(many)
{
	std::vector<void *> blocks;

	for (int i = 0; i < 20000; i++)
		blocks.push_back(hide(i % 2 ? malloc(100) : operator new(100)));
	for (void *p : blocks)
		operator delete(p);
}

CASE(double_free)
{
	void *p = hide(malloc(70));

	free(p);
	free(hide(p));
}

CASE(double_delete)
{
	void *p = hide(operator new(71));

	operator delete(p);
	operator delete(hide(p));
}

CASE(free_inside)
{
	free(static_cast<char *>(hide(malloc(72))) + 16);
}

CASE(free_stack)
{
	char here[64] = {0}; /* else it is chance whether malloc finds something there that looks like a block */

	free(hide(here + 16));
}

CASE(free_static)
{
	static char here[64];

	free(hide(here + 16));
}

CASE(realloc_stack)
{
	char here[64] = {0};

	free(realloc(hide(here + 16), 80));
}

CASE(clean)
{
	std::map<std::string, std::vector<int>> map;
	std::list<std::unique_ptr<with_cookie[]>> list;
	alignas(int) char place[sizeof(int)];

	for (int i = 0; i < 100; i++) {
		map["a long string that is not stored within " + std::to_string(i)].resize(size_t(i));
		list.emplace_back(new with_cookie[5]);
	}
	delete new own_operators;
	delete[] new own_operators[3];
	new (place) int(1);
	delete new (std::nothrow) int;
	operator delete(operator new(128, std::align_val_t(64)), 128, std::align_val_t(64));
	free(strdup("text"));
	try {
		throw std::string("thrown");
	} catch (const std::string &) {
	}
	std::thread([] { delete new int; }).join();
	puts("clean");
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)();
	} cases[] = {
#define ROW(name) {#name, name}
		ROW(new_free),
		ROW(new_array_free),
		ROW(new_array_delete),
		ROW(new_delete_array),
		ROW(malloc_delete),
		ROW(calloc_delete_sized),
		ROW(malloc_delete_array),
		ROW(aligned_free),
		ROW(aligned_alloc_delete),
		ROW(nothrow_free),
		ROW(new_realloc),
		ROW(realloc_delete),
		ROW(other_thread),
		ROW(many),
		ROW(double_free),
		ROW(double_delete),
		ROW(free_inside),
		ROW(free_stack),
		ROW(free_static),
		ROW(realloc_stack),
		ROW(clean),
	};

	for (int i = 1; i < argc; i++)
		for (const auto &row : cases)
			if (strcmp(row.name, argv[i]) == 0)
				row.run();
	return 0;
}
