// The addon: libtensorflow's operations, one by one, on tensors by number.
#include <cstring>
#include <memory>

#include "cpu.h"
#include "napi.h"
#include "state.h"
#include "tasks.h"
#include "threads.h"

namespace jebena {
namespace {

// start(threads, device): opens libtensorflow, once; 0 threads: one for each core. Operations run on `device`.
napi_value Start(Args& args) {
  State& state = State::Of(args.env);
  state.device = args.Text(1);
  if (state.context) return nullptr;
  SetThreads(args.Int(0));
  // A ConfigProto: intra_op_parallelism_threads is field 2, inter_op_parallelism_threads field 5.
  const int threads = args.Int(0);
  const unsigned char config[] = {0x10, static_cast<unsigned char>(threads), 0x28, 1};
  if (threads < 0 || threads > 127) throw std::runtime_error("threads: expected 0 to 127");
  Status status;
  TFE_ContextOptions* options = TFE_NewContextOptions();
  if (threads > 0) TFE_ContextOptionsSetConfig(options, config, sizeof config, status);
  TFE_ContextOptionsSetDevicePlacementPolicy(options, TFE_DEVICE_PLACEMENT_SILENT);
  state.context = TFE_NewContext(options, status);
  TFE_DeleteContextOptions(options);
  status.Check();
  return nullptr;
}

// devices(): the types of what computes here, e.g. ["CPU", "GPU"].
napi_value Devices(Args& args) {
  Status status;
  TF_DeviceList* list = TFE_ContextListDevices(State::Of(args.env).Context(), status);
  status.Check();
  napi_value out, item;
  napi_create_array(args.env, &out);
  for (int i = 0; i < TF_DeviceListCount(list); i++) {
    napi_create_string_utf8(args.env, TF_DeviceListType(list, i, status), NAPI_AUTO_LENGTH, &item);
    napi_set_element(args.env, out, i, item);
  }
  TF_DeleteDeviceList(list);
  return out;
}

napi_value Version(Args& args) {
  napi_value out;
  napi_create_string_utf8(args.env, TF_Version(), NAPI_AUTO_LENGTH, &out);
  return out;
}

// matrix(rows, cols, Float32Array): a copy.
napi_value Matrix(Args& args) {
  State& state = State::Of(args.env);
  size_t length;
  const int32_t rows = args.Int(0), cols = args.Int(1);
  const float* data = args.Floats(2, &length);
  if (static_cast<size_t>(rows) * cols != length) throw std::runtime_error("matrix: the sizes differ");
  Buffer* buffer = NewBuffer(length, true);
  std::memcpy(buffer->data, data, length * sizeof(float));
  return args.Result(state.ToDevice(state.table.Add(buffer, buffer->data, rows, cols, cols)));
}

// constant(Int32Array | Float32Array, dims: Int32Array): a small tensor of any rank, in the host's memory.
napi_value Constant(Args& args) {
  State& state = State::Of(args.env);
  size_t length, rank;
  napi_typedarray_type type;
  void* data;
  Must(napi_get_typedarray_info(args.env, args.values[0], &type, &length, &data, nullptr, nullptr), "a typed array");
  const int32_t* given = args.Ints(1, &rank);
  std::vector<int64_t> dims(given, given + rank);
  const TF_DataType dtype = type == napi_int32_array ? TF_INT32 : TF_FLOAT;
  TF_Tensor* tensor = TF_AllocateTensor(dtype, dims.data(), static_cast<int>(rank), length * 4);
  std::memcpy(TF_TensorData(tensor), data, length * 4);
  Status status;
  TFE_TensorHandle* handle = TFE_NewTensorHandle(tensor, status);
  TF_DeleteTensor(tensor);
  status.Check();
  return args.Result(state.table.Add(handle));
}

// read(id, into: Float32Array)
napi_value Read(Args& args) {
  State& state = State::Of(args.env);
  size_t length;
  float* into = args.Typed<float>(1, napi_float32_array, &length);
  const Slot& slot = state.table.Dense(args.Int(0));
  if (static_cast<size_t>(slot.rows * slot.cols) != length) throw std::runtime_error("read: the sizes differ");
  Await(slot.buffer);
  std::memcpy(into, slot.data, length * sizeof(float));
  return nullptr;
}

napi_value Free(Args& args) {
  State::Of(args.env).table.Free(args.Int(0));
  return nullptr;
}

// operation(name, "T:type=1 transpose_a:bool=0 N:int=2"): a number for `run`.
napi_value DefineOperation(Args& args) {
  State& state = State::Of(args.env);
  state.operations.push_back(ParseOperation(args.Text(0), args.Text(1)));
  return args.Result(static_cast<int32_t>(state.operations.size() - 1));
}

// run(operation, inputs: Int32Array): the number of its first output.
napi_value RunOperation(Args& args) {
  State& state = State::Of(args.env);
  size_t length;
  const int32_t operation = args.Int(0);
  const int32_t* inputs = args.Ints(1, &length);
  return args.Result(state.Run(operation, inputs, length));
}

}  // namespace

napi_value Init(napi_env env, napi_value exports) {
  napi_set_instance_data(
      env, new State, [](napi_env, void* state, void*) { delete static_cast<State*>(state); }, nullptr);
  Export<Start>(env, exports, "start");
  Export<Devices>(env, exports, "devices");
  Export<Version>(env, exports, "version");
  Export<Matrix>(env, exports, "matrix");
  Export<Constant>(env, exports, "constant");
  Export<Read>(env, exports, "read");
  Export<Free>(env, exports, "free");
  Export<DefineOperation>(env, exports, "operation");
  Export<RunOperation>(env, exports, "run");
  ExportCpu(env, exports);
  return exports;
}

}  // namespace jebena

NAPI_MODULE_INIT() { return jebena::Init(env, exports); }
