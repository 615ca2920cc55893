// The kernels for the host's CPU, as JavaScript calls them.
#pragma once
#include <node_api.h>

namespace jebena {

void ExportCpu(napi_env env, napi_value exports);
// Those of cpu-map.cc, cpu-sums.cc, cpu-products.cc, cpu-momentum.cc and cpu-layout.cc.
void ExportMaps(napi_env env, napi_value exports);
void ExportSums(napi_env env, napi_value exports);
void ExportProducts(napi_env env, napi_value exports);
void ExportMomentum(napi_env env, napi_value exports);
void ExportLayout(napi_env env, napi_value exports);

}  // namespace jebena
