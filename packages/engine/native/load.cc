// A second, tiny addon that readies the process for the engine's: libtensorflow says two lines on standard error while
// it is loaded, whatever its log level, and CUDA's libraries are found by name only once they are there.
#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include "napi.h"

namespace jebena {
namespace {

int kept_stderr = -1;

// mute(true) sends standard error nowhere; mute(false) brings it back.
napi_value Mute(Args& args) {
  if (args.Bool(0) && kept_stderr < 0) {
    kept_stderr = dup(2);
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, 2);
    close(nowhere);
  } else if (!args.Bool(0) && kept_stderr >= 0) {
    dup2(kept_stderr, 2);
    close(kept_stderr);
    kept_stderr = -1;
  }
  return nullptr;
}

// preload(path): loads a library so that others find it by its name.
napi_value Preload(Args& args) {
  if (!dlopen(args.Text(0).c_str(), RTLD_NOW | RTLD_GLOBAL)) throw std::runtime_error(dlerror());
  return nullptr;
}

}  // namespace
}  // namespace jebena

NAPI_MODULE_INIT() {
  jebena::Export<jebena::Mute>(env, exports, "mute");
  jebena::Export<jebena::Preload>(env, exports, "preload");
  return exports;
}
