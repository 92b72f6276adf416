// An addon that keeps something for each thread, as all do that are written in Rust.
#define NAPI_VERSION 8
#include <node_api.h>
#include <stdlib.h>

static __thread int32_t calls = 0;

static napi_value number(napi_env env, int32_t value) {
  napi_value made;
  napi_create_int32(env, value, &made);
  return made;
}

// count(): how often the addon was called on this thread.
static napi_value count(napi_env env, napi_callback_info info) { return number(env, ++calls); }

// one(), two(): the number that is the function's data.
static napi_value of_data(napi_env env, napi_callback_info info) {
  void* data;
  napi_get_cb_info(env, info, NULL, NULL, NULL, &data);
  return number(env, (int32_t)(intptr_t)data);
}

// call(fn): what fn gives, or throws.
static napi_value call(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value fn, self, result = NULL;
  calls++;
  napi_get_cb_info(env, info, &count, &fn, &self, NULL);
  napi_call_function(env, self, fn, 0, NULL, &result);
  return result;
}

static napi_value fail(napi_env env, napi_callback_info info) {
  calls++;
  napi_throw_error(env, "ADDON", "it failed");
  return NULL;
}

// new Thing(): its number is the count when it was made, and can be changed.
static napi_value construct(napi_env env, napi_callback_info info) {
  napi_value self;
  int32_t* number = malloc(sizeof *number);
  napi_get_cb_info(env, info, NULL, NULL, &self, NULL);
  *number = ++calls;
  napi_wrap(env, self, number, NULL, NULL, NULL);
  return self;
}

static napi_value get(napi_env env, napi_callback_info info) {
  napi_value self;
  void* data;
  napi_get_cb_info(env, info, NULL, NULL, &self, NULL);
  napi_unwrap(env, self, &data);
  return number(env, *(int32_t*)data);
}

static napi_value set(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value self, value;
  void* data;
  napi_get_cb_info(env, info, &count, &value, &self, NULL);
  napi_unwrap(env, self, &data);
  napi_get_value_int32(env, value, data);
  return NULL;
}

struct promised {
  napi_async_work work;
  napi_deferred deferred;
  int32_t* made_on;
};

static void execute(napi_env env, void* data) {}
static void complete(napi_env env, napi_status status, void* data) {
  struct promised* promised = data;
  napi_value same;
  napi_get_boolean(env, promised->made_on == &calls, &same);
  napi_resolve_deferred(env, promised->deferred, same);
  napi_delete_async_work(env, promised->work);
  free(promised);
}

// promise(): fulfilled with whether it is so on the thread that it was made on.
static napi_value promise(napi_env env, napi_callback_info info) {
  struct promised* promised = malloc(sizeof *promised);
  napi_value name, made;
  promised->made_on = &calls;
  napi_create_string_utf8(env, "LOCALS", NAPI_AUTO_LENGTH, &name);
  napi_create_promise(env, &promised->deferred, &made);
  napi_create_async_work(env, NULL, name, execute, complete, promised, &promised->work);
  napi_queue_async_work(env, promised->work);
  return made;
}

NAPI_MODULE_INIT() {
  napi_property_descriptor functions[] = {
      {"count", NULL, count, NULL, NULL, NULL, napi_default, NULL},
      {"one", NULL, of_data, NULL, NULL, NULL, napi_default, (void*)1},
      {"two", NULL, of_data, NULL, NULL, NULL, napi_default, (void*)2},
      {"call", NULL, call, NULL, NULL, NULL, napi_default, NULL},
      {"fail", NULL, fail, NULL, NULL, NULL, napi_default, NULL},
      {"promise", NULL, promise, NULL, NULL, NULL, napi_default, NULL},
  };
  napi_property_descriptor members[] = {{"number", NULL, NULL, get, set, NULL, napi_default, NULL}};
  napi_value thing, three;
  napi_define_class(env, "Thing", NAPI_AUTO_LENGTH, construct, NULL, 1, members, &thing);
  napi_set_named_property(env, exports, "Thing", thing);
  napi_create_function(env, "three", NAPI_AUTO_LENGTH, of_data, (void*)3, &three);
  napi_set_named_property(env, exports, "three", three);
  napi_define_properties(env, exports, sizeof functions / sizeof *functions, functions);
  calls = 100;
  return exports;
}
