// SPDX-License-Identifier: Apache-2.0
//
// Steps along the output pixels of load3d. A pixel is {row ho, column wo} of the output, 17 and 16 bits.
package vit_load3d_pkg;

  // How far `by` places (at most 16) reach where a row has `width`: {whole rows, columns}.
  function automatic logic [9:0] split(input logic [15:0] width, input logic [4:0] by);
    logic [4:0] rows;
    rows = width > 16'(by) ? 5'd0 : by / width[4:0];
    split = {rows, by - 5'(rows * width[4:0])};
  endfunction

  // The pixel split(width, by) places on.
  function automatic logic [32:0] advance(input logic [32:0] pixel, input logic [15:0] width, input logic [9:0] step);
    logic [16:0] along;
    logic        wraps;
    along   = 17'(pixel[15:0]) + 17'(step[4:0]);
    wraps   = along >= 17'(width);
    along   = wraps ? along - 17'(width) : along;
    advance = {pixel[32:16] + 17'(step[9:5]) + 17'(wraps), along[15:0]};
  endfunction

endpackage
