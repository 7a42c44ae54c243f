// SPDX-License-Identifier: Apache-2.0
#include "tb/lockstep/verify.h"
