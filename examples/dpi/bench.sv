// SPDX-License-Identifier: Apache-2.0
//
// A bench of one's own around Vitruvian's golden model: the same matrices go to mac_array and, as an mmad, to the model; the sums
// must be equal.
module bench;
  import "DPI-C" function chandle vit_core_create(input string chip, input string numerics);
  import "DPI-C" function void vit_core_destroy(input chandle core);
  import "DPI-C" function int vit_execute(input chandle core, input bit [vit_pkg::INSTR_W-1:0] word);
  import "DPI-C" function int vit_write8(input chandle core, input int space, input longint address, input byte unsigned value);
  import "DPI-C" function int vit_read32(input chandle core, input int space, input longint address, output int unsigned value);
  import "DPI-C" function string vit_message(input chandle core);

  localparam int L0A = 2, L0B = 3, L0C = 4;
  localparam int K = 32, Rounds = 20;

  logic clk = 0;
  always #1 clk = !clk;

  logic clear, valid;
  logic [16*8-1:0] a, b;
  logic [256*32-1:0] sum;
  mac_array i_dut (.clk_i(clk), .clear_i(clear), .valid_i(valid), .a_i(a), .b_i(b), .sum_o(sum));

  // C = A * B, 16 x 16 x 32, everything at address 0.
  function automatic bit [vit_pkg::INSTR_W-1:0] mmad();
    mmad = '0;
    mmad[vit_pkg::OPCODE_W-1:0] = vit_pkg::OP_MMAD;
    mmad[vit_pkg::MMAD_M_LSB +: vit_pkg::MMAD_M_W] = 16;
    mmad[vit_pkg::MMAD_N_LSB +: vit_pkg::MMAD_N_W] = 16;
    mmad[vit_pkg::MMAD_K_LSB +: vit_pkg::MMAD_K_W] = K;
    mmad[vit_pkg::MMAD_DTYPE_LSB +: vit_pkg::MMAD_DTYPE_W] = vit_pkg::DATATYPE_S8;
    mmad[vit_pkg::MMAD_INIT_LSB +: vit_pkg::MMAD_INIT_W] = vit_pkg::INIT_ZERO;
  endfunction

  task automatic check(input int ok, input chandle core);
    if (ok == 0) $fatal(1, "%s", vit_message(core));
  endtask

  byte unsigned a_of [16][K], b_of [16][K];  // B by columns: the fractal of L0B holds n rows of k

  initial begin
    automatic chandle core = vit_core_create("ascend910b1", "dot24");
    if (core == null) $fatal(1, "%s", vit_message(null));
    for (int round = 0; round < Rounds; round++) begin
      for (int i = 0; i < 16; i++) begin
        for (int k = 0; k < K; k++) begin
          a_of[i][k] = 8'($urandom());
          b_of[i][k] = 8'($urandom());
          check(vit_write8(core, L0A, 64'(i * 32 + k), a_of[i][k]), core);
          check(vit_write8(core, L0B, 64'(i * 32 + k), b_of[i][k]), core);
        end
      end
      check(vit_execute(core, mmad()), core);

      clear = 1;
      valid = 0;
      @(posedge clk);
      #0.1 clear = 0;
      valid = 1;
      for (int k = 0; k < K; k++) begin
        for (int i = 0; i < 16; i++) begin
          a[i*8 +: 8] = a_of[i][k];
          b[i*8 +: 8] = b_of[i][k];
        end
        @(posedge clk);
        #0.1;
      end
      valid = 0;
      for (int i = 0; i < 256; i++) begin
        automatic int unsigned want;
        check(vit_read32(core, L0C, 64'(i * 4), want), core);
        if (sum[i*32 +: 32] != want) $fatal(1, "round %0d: C[%0d, %0d] is %h, the model says %h", round, i / 16, i % 16, sum[i*32 +: 32], want);
      end
    end
    vit_core_destroy(core);
    $display("%0d products equal the model", Rounds);
    $finish;
  end
endmodule
