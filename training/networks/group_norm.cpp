// Group normalisation of bfloat16 pictures in channels-last order, forward and backward, each in two passes over memory.
// fast_cpu.py compiles and calls it where there is a C++ compiler. Definitions: Wu and He 2018.
//
// Rows are pixels: x is [n, pixels, channels], channels a multiple of 16. Sums are kept in float32, for 64, 32 or 16
// channels at a time: those stay in registers, and 32 fill a cache line.

#include <torch/extension.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

namespace {

inline float widen(uint16_t bits) {
  const uint32_t wide = static_cast<uint32_t>(bits) << 16;
  float value;
  std::memcpy(&value, &wide, sizeof value);
  return value;
}

// To the nearest bfloat16, ties to even.
inline uint16_t narrow(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

const uint16_t* bits_of(const at::Tensor& tensor) {
  return static_cast<const uint16_t*>(tensor.const_data_ptr());
}

// Sums over pixels of a and of a * b, for LANES channels.
template <int64_t LANES>
void sums_of(const uint16_t* a, const uint16_t* b, int64_t pixels, int64_t channels, float* of_a, float* of_product) {
  float singles[LANES] = {}, products[LANES] = {};
  for (int64_t pixel = 0; pixel < pixels; ++pixel, a += channels, b += channels) {
    for (int64_t lane = 0; lane < LANES; ++lane) {
      const float value = widen(a[lane]);
      singles[lane] += value;
      products[lane] += value * widen(b[lane]);
    }
  }
  std::copy(singles, singles + LANES, of_a);
  std::copy(products, products + LANES, of_product);
}

void sums(const uint16_t* a, const uint16_t* b, int64_t pixels, int64_t channels, float* of_a, float* of_product) {
  for (int64_t at = 0; at < channels;) {
    const int64_t left = channels - at, step = left >= 64 ? 64 : left >= 32 ? 32 : 16;
    const auto some = step == 64 ? sums_of<64> : step == 32 ? sums_of<32> : sums_of<16>;
    some(a + at, b + at, pixels, channels, of_a + at, of_product + at);
    at += step;
  }
}

// Returns y, and each picture's and channel's mean and inverse deviation [n, channels].
std::vector<at::Tensor> forward(
    const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, int64_t groups, double eps) {
  const int64_t n = x.size(0), pixels = x.size(1), channels = x.size(2), each = channels / groups;
  at::Tensor y = at::empty_like(x);
  at::Tensor mean = at::empty({n, channels}, weight.options()), inverse = at::empty_like(mean);
  const float *scales = weight.const_data_ptr<float>(), *offsets = bias.const_data_ptr<float>();
  uint16_t* out = static_cast<uint16_t*>(y.mutable_data_ptr());
  at::parallel_for(0, n, 1, [&](int64_t begin, int64_t end) {
    std::vector<float> total(channels), squares(channels), slope(channels), offset(channels);
    for (int64_t picture = begin; picture < end; ++picture) {
      const uint16_t* in = bits_of(x) + picture * pixels * channels;
      sums(in, in, pixels, channels, total.data(), squares.data());
      float* means = mean.mutable_data_ptr<float>() + picture * channels;
      float* inverses = inverse.mutable_data_ptr<float>() + picture * channels;
      for (int64_t first = 0; first < channels; first += each) {
        double sum = 0, square = 0;
        for (int64_t at = first; at < first + each; ++at) {
          sum += total[at];
          square += squares[at];
        }
        const double middle = sum / (pixels * each);
        const double variance = std::max(0.0, square / (pixels * each) - middle * middle);
        for (int64_t at = first; at < first + each; ++at) {
          means[at] = static_cast<float>(middle);
          inverses[at] = static_cast<float>(1 / std::sqrt(variance + eps));
          slope[at] = inverses[at] * scales[at];
          offset[at] = offsets[at] - means[at] * slope[at];
        }
      }
      uint16_t* to = out + picture * pixels * channels;
      for (int64_t pixel = 0; pixel < pixels; ++pixel) {
        for (int64_t at = 0; at < channels; ++at) {
          to[pixel * channels + at] = narrow(widen(in[pixel * channels + at]) * slope[at] + offset[at]);
        }
      }
    }
  });
  return {y, mean, inverse};
}

// Returns the gradients of x [n, pixels, channels], of the weight and of the bias.
std::vector<at::Tensor> backward(
    const at::Tensor& gradient, const at::Tensor& x, const at::Tensor& weight, const at::Tensor& mean,
    const at::Tensor& inverse, int64_t groups) {
  const int64_t n = x.size(0), pixels = x.size(1), channels = x.size(2), each = channels / groups;
  at::Tensor of_x = at::empty_like(x), of_weight = at::empty_like(mean), of_bias = at::empty_like(mean);
  const float* scales = weight.const_data_ptr<float>();
  uint16_t* out = static_cast<uint16_t*>(of_x.mutable_data_ptr());
  at::parallel_for(0, n, 1, [&](int64_t begin, int64_t end) {
    std::vector<float> by_gradient(channels), by_x(channels), constant(channels);
    for (int64_t picture = begin; picture < end; ++picture) {
      const uint16_t* from = bits_of(gradient) + picture * pixels * channels;
      const uint16_t* in = bits_of(x) + picture * pixels * channels;
      const float* means = mean.const_data_ptr<float>() + picture * channels;
      const float* inverses = inverse.const_data_ptr<float>() + picture * channels;
      float* biases = of_bias.mutable_data_ptr<float>() + picture * channels;
      float* weights = of_weight.mutable_data_ptr<float>() + picture * channels;
      sums(from, in, pixels, channels, biases, weights);
      // dx = inverse (weight dy - mean(weight dy) - normalised mean(weight dy normalised))
      for (int64_t first = 0; first < channels; first += each) {
        double of_biases = 0, of_weights = 0;
        for (int64_t at = first; at < first + each; ++at) {
          weights[at] = (weights[at] - means[at] * biases[at]) * inverses[at];
          of_biases += static_cast<double>(biases[at]) * scales[at];
          of_weights += static_cast<double>(weights[at]) * scales[at];
        }
        const float plain = static_cast<float>(of_biases / (pixels * each));
        const float normalised = static_cast<float>(of_weights / (pixels * each));
        for (int64_t at = first; at < first + each; ++at) {
          by_gradient[at] = inverses[at] * scales[at];
          by_x[at] = -inverses[at] * inverses[at] * normalised;
          constant[at] = -inverses[at] * plain - by_x[at] * means[at];
        }
      }
      uint16_t* to = out + picture * pixels * channels;
      for (int64_t pixel = 0; pixel < pixels; ++pixel) {
        for (int64_t at = 0; at < channels; ++at) {
          const int64_t here = pixel * channels + at;
          to[here] = narrow(widen(from[here]) * by_gradient[at] + widen(in[here]) * by_x[at] + constant[at]);
        }
      }
    }
  });
  return {of_x, of_weight.sum(0), of_bias.sum(0)};
}

}  // namespace

PYBIND11_MODULE(TORCH_EXTENSION_NAME, module) {
  module.def("forward", &forward);
  module.def("backward", &backward);
}
