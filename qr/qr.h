#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

/// QR codes (ISO/IEC 18004), encoded by libqrencode and drawn here.
namespace qr {

inline constexpr unsigned kQuietZone = 4;            ///< light modules on every side. source: ISO/IEC 18004, 5.3.8
inline constexpr std::size_t kMaxContent = 2953;     ///< bytes that the largest symbol takes at level L

/// The modules of one symbol, without its quiet zone.
class Matrix {
public:
    Matrix(unsigned side, std::vector<bool> dark) : side_(side), dark_(std::move(dark)) {}
    unsigned side() const noexcept { return side_; }
    /// x to the right, y down, from 0. Outside of it everything is light.
    bool dark(int x, int y) const noexcept;

private:
    unsigned side_;
    std::vector<bool> dark_;  ///< row by row
};

/// The bytes as they are, in the smallest symbol that holds them; better corrected where that costs no larger one.
/// invalid_argument: nothing, or more than kMaxContent.
base::Result<Matrix> encode(std::string_view content);

/// For a terminal: two modules a character, its own black on its own white, so that it reads on dark and on light ones; quiet zone included.
std::string terminal(const Matrix& symbol);
/// A grey PNG; each module `pixels` wide and high, quiet zone included. invalid_argument: pixels not 1 to 64.
base::Result<base::Bytes> png(const Matrix& symbol, unsigned pixels);

}  // namespace qr
