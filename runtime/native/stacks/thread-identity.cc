// Exchanges the thread-local variables by which V8 knows a thread.
#include <cstddef>  // defines __GLIBC__ where there is one
#if defined(__linux__) && defined(__GLIBC__)
#include "stacks/thread-identity.h"

#include <link.h>
#include <node.h>
#include <pthread.h>
#include <uv.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <vector>

#include "stacks/external.h"

// Of the Itanium C++ ABI. libc++ does not declare it.
extern "C" void* ExceptionGlobals() asm("__cxa_get_globals");

namespace aevent {
namespace {

// The thread-local variables of the object (Node's executable or library) that V8 is in, as the calling thread has them.
struct Block {
  char* begin = nullptr;
  size_t size = 0;

  std::vector<char> Copy() const { return {begin, begin + size}; }
};

Block BlockOfV8() {
  Block found;
  dl_iterate_phdr(
      [](dl_phdr_info* object, size_t, void* argument) {
        auto address = reinterpret_cast<uintptr_t>(&v8::Isolate::TryGetCurrent);
        bool has_v8 = false;
        size_t size = 0;
        for (int i = 0; i < object->dlpi_phnum; i++) {
          const auto& segment = object->dlpi_phdr[i];
          uintptr_t begin = object->dlpi_addr + segment.p_vaddr;
          if (segment.p_type == PT_LOAD && address - begin < segment.p_memsz) has_v8 = true;
          if (segment.p_type == PT_TLS) size = segment.p_memsz;
        }
        if (!has_v8) return 0;
        if (object->dlpi_tls_data != nullptr)
          *static_cast<Block*>(argument) = {static_cast<char*>(object->dlpi_tls_data), size};
        return 1;
      },
      &found);
  return found;
}

// A new thread that asks V8 whether it holds an isolate's lock is given an id. Nothing else of it changes.
struct FirstId {
  v8::Isolate* isolate;
  std::vector<size_t> places;

  static void Watch(void* argument) {
    auto self = static_cast<FirstId*>(argument);
    Block block = BlockOfV8();
    std::vector<char> before = block.Copy();
    v8::Locker::IsLocked(self->isolate);
    for (size_t at = 0; at + sizeof(int32_t) <= block.size; at += sizeof(int32_t))
      if (std::memcmp(&before[at], block.begin + at, sizeof(int32_t)) != 0) self->places.push_back(at);
  }
};

// Without the id this thread does not hold the lock that it holds, and is given another.
bool IsId(int32_t* id, v8::Isolate* isolate) {
  int32_t own = *id;
  if (own <= 0) return false;
  *id = 0;
  bool follows = !v8::Locker::IsLocked(isolate) && *id > 0 && *id != own;
  *id = own;
  return follows && v8::Locker::IsLocked(isolate);
}

// Finds the pointers into the part of the stack that is older than all that runs now, where threads other than the main one have
// these variables, too. V8 takes libc's word for where it begins, or for the main thread (since V8 12) what the loader
// found there.
std::vector<size_t> PlacesOfStackStart(const Block& block) {
  std::vector<size_t> places;
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return places;
  void* low = nullptr;
  size_t size = 0;
  pthread_attr_getstack(&attributes, &low, &size);
  pthread_attr_destroy(&attributes);
  auto top = reinterpret_cast<uintptr_t>(low) + size;
  auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  for (size_t at = 0; at + sizeof(uintptr_t) <= block.size; at += sizeof(uintptr_t)) {
    uintptr_t value;
    std::memcpy(&value, block.begin + at, sizeof value);
    bool own = value - reinterpret_cast<uintptr_t>(block.begin) < block.size;
    if (value > here && value <= top && !own) places.push_back(at);
  }
  return places;
}

// A look at the variables of the thread that takes it.
struct Look {
  Block block = BlockOfV8();
  std::vector<char> seen;

  static void Take(const v8::FunctionCallbackInfo<v8::Value>& info) {
    auto self = static_cast<Look*>(FromExternal(info.Data()));
    self->seen = self->block.Copy();
  }
};

std::mutex mutex;
bool found = false;
size_t id_at = 0;
size_t stack_start_at = 0;
std::atomic<bool> handling_found{false};
std::vector<size_t> handling_at;

}  // namespace

std::string ThreadLocals::Find() {
  std::lock_guard<std::mutex> lock(mutex);
  if (found) return "";
  Block block = BlockOfV8();
  if (block.size == 0) return "V8's thread-local variables were not found";
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  FirstId first{isolate, {}};
  uv_thread_t thread;
  int status = uv_thread_create(&thread, FirstId::Watch, &first);
  if (status != 0) return std::string("the system gave no thread to watch V8 with: ") + uv_strerror(status);
  uv_thread_join(&thread);
  const auto& ids = first.places;
  if (ids.size() != 1 || !IsId(reinterpret_cast<int32_t*>(block.begin + ids[0]), isolate))
    return "where V8 keeps a thread's id was not found";
  auto starts = PlacesOfStackStart(block);
  if (starts.size() != 1) return "where V8 keeps the beginning of a thread's stack was not found";
  id_at = ids[0];
  stack_start_at = starts[0];
  found = true;
  return "";
}

std::string ThreadLocals::FindHandling(v8::Isolate* isolate, v8::Local<v8::Function> handle) {
  if (handling_found) return "";
  auto context = isolate->GetCurrentContext();
  Look during;
  v8::Local<v8::Value> look;
  if (!v8::Function::New(context, Look::Take, ToExternal(isolate, &during)).ToLocal(&look)) return "";
  auto before = during.block.Copy();
  if (handle->Call(context, v8::Undefined(isolate), 1, &look).IsEmpty()) return "";  // it has thrown
  auto after = during.block.Copy();
  if (during.seen.empty()) return "Node did not have it handled";
  std::vector<size_t> places;
  for (size_t at = 0; at < before.size(); at++)
    if (during.seen[at] != before[at] && after[at] == before[at]) places.push_back(at);
  if (places.size() > ThreadIdentity::kHandling) return "too much changes meanwhile";
  std::lock_guard<std::mutex> lock(mutex);
  if (!handling_found) handling_at = places;
  handling_found = true;
  return "";
}

ThreadLocals::ThreadLocals() {
  begin_ = BlockOfV8().begin;
  id_ = reinterpret_cast<int32_t*>(begin_ + id_at);
  stack_start_ = reinterpret_cast<uintptr_t*>(begin_ + stack_start_at);
  exceptions_ = static_cast<Exceptions*>(ExceptionGlobals());
}

void ThreadLocals::Exchange(ThreadIdentity* from, const ThreadIdentity& to) {
  from->id_ = *id_;
  from->stack_start_ = *stack_start_;
  from->caught_ = exceptions_->caught;
  from->uncaught_ = exceptions_->uncaught;
  for (size_t i = 0; i < handling_at.size(); i++) {
    char* place = begin_ + handling_at[i];
    from->handling_[i] = *place;
    *place = to.handling_[i];
  }
  *id_ = to.id_;
  *stack_start_ = to.stack_start_;
  exceptions_->caught = to.caught_;
  exceptions_->uncaught = to.uncaught_;
}

// V8 takes the running thread's id for it.
void ThreadLocals::Forget(v8::Isolate* isolate, const ThreadIdentity& ended) {
  int32_t own = *id_;
  *id_ = ended.id_;
  isolate->DiscardThreadSpecificMetadata();
  *id_ = own;
}

// V8 makes one when more threads are put aside than ever. So threads that do nothing are, each for the next. V8 allocates
// more meanwhile, which would lie in between: so the places are taken before, and each is freed when V8 is about to allocate
// as much. What malloc() has got back last of a size it gives first. An archive has a stack for regular expressions, too, which
// V8 frees when the thread goes on: so that those that follow lie side by side as well, something small is kept between them.
void ThreadLocals::MakeArchives(v8::Isolate* isolate, size_t count, const ArchiveSizes& sizes) {
  archived_ids_.resize(count);
  for (size_t i = 0; i < count; i++) places_.push_back({std::malloc(sizes[0]), std::malloc(sizes[1])});
  Archive(isolate, 0);
  places_.clear();
  for (int32_t id : archived_ids_) Forget(isolate, ThreadIdentity(id, nullptr));
}

void ThreadLocals::LetGoOfArchives() {
  for (void* place : between_) std::free(place);
  between_.clear();
}

void ThreadLocals::Archive(v8::Isolate* isolate, size_t at) {
  if (at == archived_ids_.size()) return;
  int32_t own = *id_;
  for (void* place : places_[at]) std::free(place);
  {
    v8::Unlocker unlocker(isolate);
    *id_ = archived_ids_[at];
    {
      v8::Locker locker(isolate);
      v8::HandleScope handles(isolate);  // V8 makes one where it restores a thread
      between_.push_back(std::malloc(1));
      archived_ids_[at] = *id_;
      Archive(isolate, at + 1);
    }
    *id_ = own;
    if (kRestoresEntered) isolate->Enter();
  }
  if (kRestoresEntered) isolate->Exit();
}

}  // namespace aevent
#else
#include "stacks/thread-identity.h"
namespace aevent {
std::string ThreadLocals::FindHandling(v8::Isolate*, v8::Local<v8::Function>) { return ""; }
}  // namespace aevent
#endif
