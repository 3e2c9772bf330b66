#pragma once
#include "tls/library.h"

namespace tls {

struct Context::Inside {
    std::unique_ptr<Library> library;
    RemoteSign sign;  ///< of its own key, where it has one
    bool server = false;
    SslContext ssl;   ///< goes before what it uses
};

}  // namespace tls
