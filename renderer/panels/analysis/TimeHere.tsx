/** The measured time of one drawn node, for the inspector; nothing until it was measured. */
import type { GraphPath } from '../../../shared/graph/document.ts';
import { useAnalysis, useTimings } from '../../state/analysis.ts';
import { milliseconds } from '../../ui/format.ts';

/** `at`: ids that lead to the node. Of a group the sum, of something in a repeated group over all copies. */
export function TimeHere({ at }: { at: GraphPath }) {
  return useTimings() ? <Time at={at} /> : null;
}

function Time({ at }: { at: GraphPath }) {
  const amounts = useAnalysis().drawn.get(at.join('/'));
  if (amounts?.forwardMs === undefined || amounts.forwardMs === null) return null;
  const backward = amounts.backwardMs ?? 0;
  return <div className="row" title={`Forward ${milliseconds(amounts.forwardMs)} ms, backward ${milliseconds(backward)} ms, measured on this computer’s processor`}><span className="dim">Time, here</span><span className="mono" data-testid="time-here">{milliseconds(amounts.forwardMs + backward)} ms</span></div>;
}
