/* Loses blocks in ways in which compilers inline and clone: statics, templates, lambdas, callbacks, recursion. */
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>
#define NOINLINE __attribute__((noinline))
static void *volatile sink;
static NOINLINE void keep(void *p)
{
	sink = p;
	__asm__ volatile("" : : "r"(p) : "memory");
}
namespace
{
struct holder {
	static inline char *make(size_t n)
	{
		char *p = static_cast<char *>(malloc(n));
		p[0] = 'x';
		return p;
	}
	NOINLINE void fill(int n)
	{
		keep(make(size_t(n)));
		keep(nullptr);
	}
};
} // namespace
namespace app
{
static inline void *wrap(size_t n)
{
	void *p = calloc(1, n);
	memset(p, 1, n);
	return p;
}
static NOINLINE void recurse(int depth)
{
	if (depth == 0) {
		keep(wrap(33));
		return;
	}
	recurse(depth - 1);
	keep(nullptr);
}
template <typename T> NOINLINE void grow(int n)
{
	auto *v = new std::vector<T>;
	for (int i = 0; i < n; i++)
		v->push_back(T());
	keep(v);
}
} // namespace app
static NOINLINE int compare(const void *a, const void *b)
{
	keep(strdup("compared"));
	keep(nullptr);
	return *static_cast<const int *>(a) - *static_cast<const int *>(b);
}
static NOINLINE void sort_numbers()
{
	int v[] = {3, 1, 2};
	qsort(v, 3, sizeof(v[0]), compare);
	keep(nullptr);
}
static NOINLINE void text()
{
	auto *s = new std::string("begin");
	for (int i = 0; i < 9; i++)
		*s += " and on " + std::to_string(i);
	keep(s);
}
static NOINLINE void table()
{
	auto *m = new std::map<int, std::string>;
	(*m)[1] = "a text too long to be held within";
	keep(m);
}
static NOINLINE void call()
{
	auto f = [](int n) {
		keep(malloc(size_t(n)));
		keep(nullptr);
	};
	f(21);
	f(22);
}
int main()
{
	holder h;
	h.fill(19);
	app::recurse(3);
	app::grow<int>(50);
	app::grow<std::string>(5);
	sort_numbers();
	text();
	table();
	call();
	keep(nullptr);
	return 0;
}
