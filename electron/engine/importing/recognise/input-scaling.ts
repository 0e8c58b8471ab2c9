/** What a net does to its inputs before anything learns from them: range, mean and deviation. */
import type { Node } from '../../../../shared/onnx/ir.ts';
import { isPerChannel, type Scene } from './scene.ts';

const arithmetic = new Set(['Add', 'Sub', 'Mul', 'Div']);

/** Whether a node only brings an input of the net to another range, by one number or one for each channel: its numbers are no weights. */
export function scalesInput(node: Node | undefined, scene: Scene): boolean {
  if (node?.domain !== '' || !arithmetic.has(node.op)) return false;
  const at = node.inputs.findIndex((x) => scene.constant(x));
  const [constant, value] = [scene.constant(node.inputs[at]), node.inputs[1 - at] ?? ''];
  const sample = scene.sample(value);
  if (!constant || !sample || (constant.data.length !== 1 && !isPerChannel(constant.shape, sample))) return false;
  return scene.isInput(value) || scalesInput(scene.producer(value), scene);
}
