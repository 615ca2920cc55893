#pragma once
#include "simd.h"

namespace jebena {

// The inner loops for the CPU that this is.
const Simd& BestSimd();

}  // namespace jebena
