// The few lines between Node-API and C++: arguments in, results out, exceptions to JavaScript's.
#pragma once
#include <node_api.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace jebena {

inline void Must(napi_status status, const char* what) {
  if (status != napi_ok) throw std::runtime_error(std::string("bad argument: expected ") + what);
}

class Args {
 public:
  Args(napi_env env, napi_callback_info info) : env(env) {
    Must(napi_get_cb_info(env, info, &count, values, nullptr, nullptr), "arguments");
  }
  int32_t Int(size_t i) const {
    int32_t value;
    Must(napi_get_value_int32(env, values[i], &value), "an integer");
    return value;
  }
  double Number(size_t i) const {
    double value;
    Must(napi_get_value_double(env, values[i], &value), "a number");
    return value;
  }
  bool Bool(size_t i) const {
    bool value;
    Must(napi_get_value_bool(env, values[i], &value), "a boolean");
    return value;
  }
  std::string Text(size_t i) const { return Text(env, values[i]); }
  static std::string Text(napi_env env, napi_value value) {
    size_t length;
    Must(napi_get_value_string_utf8(env, value, nullptr, 0, &length), "a string");
    std::string text(length, '\0');
    napi_get_value_string_utf8(env, value, &text[0], length + 1, &length);
    return text;
  }
  // The numbers in an Int32Array or Float32Array; valid during the call only.
  template <typename T>
  T* Typed(size_t i, napi_typedarray_type wanted, size_t* length) const {
    napi_typedarray_type type;
    void* data;
    Must(napi_get_typedarray_info(env, values[i], &type, length, &data, nullptr, nullptr), "a typed array");
    if (type != wanted) throw std::runtime_error("bad argument: a typed array of another type");
    return static_cast<T*>(data);
  }
  const int32_t* Ints(size_t i, size_t* length) const { return Typed<int32_t>(i, napi_int32_array, length); }
  const float* Floats(size_t i, size_t* length) const { return Typed<float>(i, napi_float32_array, length); }
  napi_value Result(int32_t value) const {
    napi_value out;
    napi_create_int32(env, value, &out);
    return out;
  }

  napi_env env;
  size_t count = 16;
  napi_value values[16];
};

// Turns a plain function into one that JavaScript calls.
template <napi_value (*F)(Args&)>
napi_value Call(napi_env env, napi_callback_info info) {
  try {
    Args args(env, info);
    return F(args);
  } catch (const std::exception& error) {
    napi_throw_error(env, "ERR_ENGINE_NATIVE", error.what());
    return nullptr;
  }
}

template <napi_value (*F)(Args&)>
void Export(napi_env env, napi_value exports, const char* name) {
  napi_value function;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, Call<F>, nullptr, &function);
  napi_set_named_property(env, exports, name, function);
}

}  // namespace jebena
