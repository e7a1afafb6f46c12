// A leak below three inlined functions; the report's frames must be those of addr2line -i.
#include <vector>
#include <cstdlib>

namespace shop {

struct Order {
	char *text;
};

static inline __attribute__((always_inline)) char *make_text(int length)
{
	return static_cast<char *>(malloc(static_cast<size_t>(length)));
}

template <typename T> static inline __attribute__((always_inline)) void fill(T &order, int length)
{
	order.text = make_text(length);
}

static inline __attribute__((always_inline)) Order take_order(int length)
{
	Order order;

	fill(order, length);
	return order;
}

__attribute__((noinline)) Order *serve(int length)
{
	Order *order = new Order(take_order(length));

	return order;
}

} // namespace shop

shop::Order *volatile last;

int main(int argc, char **)
{
	for (int i = 0; i < 5; i++)
		last = shop::serve(40 + argc);
	std::vector<int> freed(100);
	return freed[0];
}
