// An addon that calls JavaScript in every way that Node-API has.
#define NAPI_VERSION 8
#include <node_api.h>
#include <stdlib.h>

#define CALL(call)                          \
  do {                                      \
    if ((call) != napi_ok) return fail(env); \
  } while (0)

// A pending exception is left for JavaScript; anything else becomes one.
static napi_value fail(napi_env env) {
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  if (!pending) napi_throw_error(env, NULL, "a call of Node-API's failed");
  return NULL;
}

static napi_value undefined(napi_env env) {
  napi_value value;
  napi_get_undefined(env, &value);
  return value;
}

// call(fn): as any addon that takes a callback.
static napi_value call(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value fn, result;
  CALL(napi_get_cb_info(env, info, &count, &fn, NULL, NULL));
  CALL(napi_call_function(env, undefined(env), fn, 0, NULL, &result));
  return result;
}

// callInScopes(fn, depth): below handle scopes of its own, as loops have them.
static napi_value nested(napi_env env, napi_value fn, int depth) {
  napi_escapable_handle_scope scope;
  napi_value result, escaped;
  CALL(napi_open_escapable_handle_scope(env, &scope));
  if (depth > 0) {
    result = nested(env, fn, depth - 1);
  } else if (napi_call_function(env, undefined(env), fn, 0, NULL, &result) != napi_ok) {
    result = NULL;
  }
  if (result != NULL && napi_escape_handle(env, scope, result, &escaped) == napi_ok) result = escaped;
  napi_close_escapable_handle_scope(env, scope);
  return result;
}

static napi_value call_in_scopes(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value args[2];
  int depth;
  CALL(napi_get_cb_info(env, info, &count, args, NULL, NULL));
  CALL(napi_get_value_int32(env, args[1], &depth));
  return nested(env, args[0], depth);
}

// makeCallback(fn): in a callback scope of Node's, with an async context.
static napi_value make_callback(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value fn, name, resource, result;
  napi_async_context context;
  CALL(napi_get_cb_info(env, info, &count, &fn, NULL, NULL));
  CALL(napi_create_string_utf8(env, "TORTURE", NAPI_AUTO_LENGTH, &name));
  CALL(napi_create_object(env, &resource));
  CALL(napi_async_init(env, resource, name, &context));
  napi_status status = napi_make_callback(env, context, resource, fn, 0, NULL, &result);
  napi_async_destroy(env, context);
  return status == napi_ok ? result : fail(env);
}

// callbackScope(fn): a callback scope that the addon opens itself.
static napi_value callback_scope(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value fn, name, resource, result;
  napi_async_context context;
  napi_callback_scope scope;
  CALL(napi_get_cb_info(env, info, &count, &fn, NULL, NULL));
  CALL(napi_create_string_utf8(env, "TORTURE", NAPI_AUTO_LENGTH, &name));
  CALL(napi_create_object(env, &resource));
  CALL(napi_async_init(env, resource, name, &context));
  CALL(napi_open_callback_scope(env, resource, context, &scope));
  napi_status status = napi_call_function(env, undefined(env), fn, 0, NULL, &result);
  napi_close_callback_scope(env, scope);
  napi_async_destroy(env, context);
  return status == napi_ok ? result : fail(env);
}

// construct(Class), get(object, key), set(object, key, value), coerce(value): what calls JavaScript less visibly.
static napi_value construct(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value constructor, result;
  CALL(napi_get_cb_info(env, info, &count, &constructor, NULL, NULL));
  CALL(napi_new_instance(env, constructor, 0, NULL, &result));
  return result;
}

static napi_value get(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value args[2], result;
  CALL(napi_get_cb_info(env, info, &count, args, NULL, NULL));
  CALL(napi_get_property(env, args[0], args[1], &result));
  return result;
}

static napi_value coerce(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value value, result;
  CALL(napi_get_cb_info(env, info, &count, &value, NULL, NULL));
  CALL(napi_coerce_to_string(env, value, &result));
  return result;
}

// threadsafe(fn, object): calls fn(object) from the event loop, by way of a threadsafe function.
static void on_main(napi_env env, napi_value fn, void* context, void* data) {
  napi_ref value_ref = data;
  if (env == NULL) return;
  napi_value value;
  napi_get_reference_value(env, value_ref, &value);
  napi_delete_reference(env, value_ref);
  napi_call_function(env, undefined(env), fn, 1, &value, NULL);
}

static napi_value threadsafe(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value args[2], name;
  napi_threadsafe_function function;
  napi_ref value;
  CALL(napi_get_cb_info(env, info, &count, args, NULL, NULL));
  CALL(napi_create_string_utf8(env, "TORTURE", NAPI_AUTO_LENGTH, &name));
  CALL(napi_create_reference(env, args[1], 1, &value));
  CALL(napi_create_threadsafe_function(env, args[0], NULL, name, 0, 1, NULL, NULL, NULL, on_main, &function));
  CALL(napi_call_threadsafe_function(function, value, napi_tsfn_blocking));
  CALL(napi_release_threadsafe_function(function, napi_tsfn_release));
  return undefined(env);
}

// work(fn): calls fn(id) when a job of the thread pool has ended.
typedef struct {
  napi_async_work work;
  napi_ref fn;
} Work;

static void execute(napi_env env, void* data) {}

static void complete(napi_env env, napi_status status, void* data) {
  Work* work = data;
  napi_value fn;
  napi_get_reference_value(env, work->fn, &fn);
  napi_delete_reference(env, work->fn);
  napi_delete_async_work(env, work->work);
  free(work);
  napi_call_function(env, undefined(env), fn, 0, NULL, NULL);
}

static napi_value work(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value fn, name;
  Work* data = calloc(1, sizeof *data);
  CALL(napi_get_cb_info(env, info, &count, &fn, NULL, NULL));
  CALL(napi_create_string_utf8(env, "TORTURE", NAPI_AUTO_LENGTH, &name));
  CALL(napi_create_reference(env, fn, 1, &data->fn));
  CALL(napi_create_async_work(env, NULL, name, execute, complete, data, &data->work));
  CALL(napi_queue_async_work(env, data->work));
  return undefined(env);
}

// useStack(bytes): writes to so much of the stack, a page in a call, and gives how much that was.
static size_t use(size_t bytes) {
  volatile char frame[4096];
  frame[0] = frame[4095] = 1;
  size_t deeper = bytes > sizeof frame ? use(bytes - sizeof frame) : 0;
  return deeper + sizeof frame * frame[0];
}

static napi_value use_stack(napi_env env, napi_callback_info info) {
  size_t args_count = 1;
  napi_value argument, value;
  double bytes;
  CALL(napi_get_cb_info(env, info, &args_count, &argument, NULL, NULL));
  CALL(napi_get_value_double(env, argument, &bytes));
  CALL(napi_create_double(env, (double)use((size_t)bytes), &value));
  return value;
}

NAPI_MODULE_INIT() {
  napi_property_descriptor properties[] = {
      {"call", NULL, call, NULL, NULL, NULL, napi_default, NULL},
      {"callInScopes", NULL, call_in_scopes, NULL, NULL, NULL, napi_default, NULL},
      {"makeCallback", NULL, make_callback, NULL, NULL, NULL, napi_default, NULL},
      {"callbackScope", NULL, callback_scope, NULL, NULL, NULL, napi_default, NULL},
      {"construct", NULL, construct, NULL, NULL, NULL, napi_default, NULL},
      {"get", NULL, get, NULL, NULL, NULL, napi_default, NULL},
      {"coerce", NULL, coerce, NULL, NULL, NULL, napi_default, NULL},
      {"threadsafe", NULL, threadsafe, NULL, NULL, NULL, napi_default, NULL},
      {"useStack", NULL, use_stack, NULL, NULL, NULL, napi_default, NULL},
      {"work", NULL, work, NULL, NULL, NULL, napi_default, NULL},
  };
  napi_define_properties(env, exports, sizeof properties / sizeof *properties, properties);
  return exports;
}
