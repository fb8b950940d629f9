// Descriptor: owns one open file descriptor and closes it at the end; negative owns nothing. Not shared between threads.
#pragma once

#include <unistd.h>

namespace packyard {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  int number() const { return number_; }

 private:
  int number_;
};

}  // namespace packyard
