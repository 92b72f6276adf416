// The fiber backend as it is compiled where there is no glibc, as with musl: prints why it cannot be used.
#include <cstddef>
#undef __GLIBC__
#include <cstdio>

#include "../../../../runtime/native/stacks/carrier-fiber.cc"

int main() {
  std::string error;
  bool made = aevent::FiberBackend()->Create(1024 * 1024, &error) != nullptr;
  std::puts(made ? "a fiber was made" : aevent::FiberBackend()->Unsupported().c_str());
}
