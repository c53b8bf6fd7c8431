using System.Text;

namespace ActorGrid.Architecture.Tests;

/// <summary>The lines that differ, by longest common subsequence, each run below the last type header before it.</summary>
internal static class LineDiff
{
    public static string Of(string before, string after)
    {
        string[] old = before.Split('\n'), now = after.Split('\n');
        int[,] common = CommonLengths(old, now);
        var text = new StringBuilder();
        string header = "", shown = "";
        for (int i = 0, j = 0; i < old.Length || j < now.Length;)
        {
            if (i < old.Length && j < now.Length && string.Equals(old[i], now[j], StringComparison.Ordinal))
            {
                if (IsHeader(now[j])) header = now[j];
                i++;
                j++;
            }
            else if (j == now.Length || (i < old.Length && common[i + 1, j] >= common[i, j + 1])) Add('-', old[i++]);
            else Add('+', now[j++]);
        }
        return text.ToString();

        void Add(char sign, string line)
        {
            if (IsHeader(line)) header = shown = line;
            else if (!string.Equals(header, shown, StringComparison.Ordinal)) text.Append("  ").Append(shown = header).Append('\n');
            text.Append(sign).Append(' ').Append(line).Append('\n');
        }
    }

    private static bool IsHeader(string line) => line.StartsWith("public ", StringComparison.Ordinal);

    private static int[,] CommonLengths(string[] old, string[] now)
    {
        int[,] common = new int[old.Length + 1, now.Length + 1];
        for (int i = old.Length - 1; i >= 0; i--)
        {
            for (int j = now.Length - 1; j >= 0; j--)
                common[i, j] = string.Equals(old[i], now[j], StringComparison.Ordinal)
                    ? common[i + 1, j + 1] + 1
                    : Math.Max(common[i + 1, j], common[i, j + 1]);
        }
        return common;
    }
}
