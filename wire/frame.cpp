#include "wire/kmp.pb.h"
