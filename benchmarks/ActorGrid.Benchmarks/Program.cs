Console.WriteLine("ActorGrid");
