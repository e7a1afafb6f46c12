// Leaks through names that are mangled, inlined and overloaded.
#include <cstdlib>
#include <cstring>
#include <new>

namespace shop
{
template <class T> struct Basket {
	T *make(int n);
};

template <class T> T *Basket<T>::make(int n)
{
	return new T[n];
}

struct Till {
	int *open(int n);
};

int *Till::open(int n)
{
	return new int(n);
}
}

static inline __attribute__((always_inline)) char *tiny(size_t n)
{
	return static_cast<char *>(malloc(n));
}

char *outer(size_t n)
{
	return tiny(n);
}

struct Node {
	Node *next;
	char *text;
};

Node *chain(int n)
{
	Node *head = nullptr;

	for (int i = 0; i < n; i++) {
		Node *node = new Node;

		node->next = head;
		node->text = strdup("hello");
		head = node;
	}
	return head;
}

static void *volatile sink;

static void scrub()
{
	char volatile frames[8192];

	memset(const_cast<char *>(frames), 0, sizeof(frames));
}

int main()
{
	shop::Basket<long> basket;
	shop::Till till;

	sink = basket.make(10);
	sink = till.open(3);
	sink = outer(33);
	sink = chain(5);
	sink = new (std::nothrow) char[77];
	sink = aligned_alloc(64, 128);
	sink = nullptr;
	scrub();
	return 0;
}
